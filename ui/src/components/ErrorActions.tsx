/** The buttons that mend an error, as the catalogue names them for its reason or code. */
import { Button } from '@mantine/core';
import { useNavigate } from 'react-router';
import { useAction } from '../api/actions';
import { useConnections } from '../api/connections';
import { causeOf, knownOf, useErrorCatalogue } from '../api/errors';
import type { ChannelError } from '../api/invoke';
import { needsPassword } from '../lib/locked';
import { paths } from '../lib/paths';
import { fixOf, isKnownFix } from './error/fixes';

interface Props {
  error: ChannelError;
  connection: string | null;
  onRetry?(): void;
  /** Actions the caller has buttons of its own for. */
  without?: readonly string[];
}

/** More than these are on the error's own page. */
const MOST = 4;
/** Where the catalogue cannot be read, or does not know the code. */
const ALWAYS: Record<string, string[]> = { backend_unreachable: ['reload'] };

export function ErrorActions({ error, connection, onRetry, without = [] }: Props) {
  const navigate = useNavigate();
  const connected = useConnections().data?.connections.find((one) => one.id === connection);
  const catalogue = useErrorCatalogue().data;
  const createDatabase = useAction('database:create', { onSuccess: () => onRetry?.() });
  const known = knownOf(catalogue, error);
  const cause = causeOf(error);
  const context = {
    error,
    cause,
    connection,
    needsPassword: needsPassword(cause, connected) || needsPassword(error, connected),
    onRetry,
    go: (address: string) => void navigate(address),
    createDatabase: (id: string) => createDatabase.mutate({ connection: id }),
  };
  const wanted = [
    ...(context.needsPassword ? ['unlock'] : []),
    ...(known.reason?.fixes ?? []),
    ...(known.code?.fixes ?? ALWAYS[error.code] ?? []),
    ...(onRetry ? ['retry'] : []),
  ];
  const labels = new Map(catalogue?.actions.map((one) => [one.code, one.label]));
  const fixes = [...new Set(wanted)]
    .filter((code) => !without.includes(code))
    .map((code) => ({ code, fix: fixOf(code, context) }))
    .filter(({ code, fix }) => fix !== null || !isKnownFix(code))
    .slice(0, MOST);
  return (
    <>
      {fixes.map(({ code, fix }) => (
        <Button
          key={code}
          variant={fix?.filled ? 'filled' : 'default'}
          loading={code === 'create_database' && createDatabase.isPending}
          onClick={fix?.run ?? (() => void navigate(paths.error(known.reason?.key ?? error.code)))}
        >
          {fix?.label ?? labels.get(code) ?? (WORDS[code] || code)}
        </Button>
      ))}
    </>
  );
}

/** The labels that are needed even where the backend is gone. */
const WORDS: Record<string, string> = {
  reload: 'Reload',
  retry: 'Try again',
  unlock: 'Enter the password',
};
