/** One entry of the error catalogue: what it means, why it comes about, what to do. */
import { Button, Loader } from '@mantine/core';
import { IconList } from '@tabler/icons-react';
import { useNavigate, useParams } from 'react-router';
import { type ErrorEntry, useErrorCatalogue } from '../../api/errors';
import { EmptyState } from '../../components/EmptyState';
import { ErrorPanel } from '../../components/ErrorPanel';
import { Page } from '../../components/Page';
import { Prose } from '../../components/Prose';
import { paths } from '../../lib/paths';
import { blocksOf } from './blocks';
import classes from './errors.module.css';

export default function ErrorPage() {
  const { key = '' } = useParams();
  const { data, error, refetch } = useErrorCatalogue();
  const navigate = useNavigate();
  const entry = data?.entries.find((one) => one.key === key);
  const all = (
    <Button
      variant="subtle"
      color="gray"
      leftSection={<IconList size={15} />}
      onClick={() => navigate(paths.errors)}
    >
      All errors
    </Button>
  );
  return (
    <Page title={entry?.title ?? 'Error'} width="read" actions={all}>
      {error && <ErrorPanel error={error} onRetry={() => void refetch()} />}
      {!error && !data && <Loader aria-label="Reading the catalogue" />}
      {data && !entry && (
        <EmptyState title={`Nothing is written about “${key}”`}>All that is known is in the list.</EmptyState>
      )}
      {data && entry && <Entry entry={entry} labels={new Map(data.actions.map((one) => [one.code, one]))} />}
    </Page>
  );
}

function Entry({
  entry,
  labels,
}: {
  entry: ErrorEntry;
  labels: Map<string, { label: string; does: string }>;
}) {
  return (
    <>
      <p className={classes.key}>
        <code>{entry.key}</code>
        <span className="dim">{entry.group === 'codes' ? 'code' : 'reason'}</span>
      </p>
      <Prose blocks={blocksOf(entry, labels)} />
    </>
  );
}
