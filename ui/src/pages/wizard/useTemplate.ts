/** The chosen template with live choices, and the migrations it makes of the values so far. */
import { useDebouncedValue } from '@mantine/hooks';
import { useMemo } from 'react';
import type { ChannelError } from '../../api/invoke';
import { useChannel } from '../../api/queries';
import type { RenderedTemplate, Template } from '../../api/types.generated';
import { toRequest } from './fields/values';
import { CONVERT, DIFF, type Values, valuesOf, type WizardState } from './state';

const RENDER_AFTER_MS = 250;
const NONE: Template['fields'] = [];

export interface Chosen {
  template: Template | null;
  error: ChannelError | null;
  /** The last rendering that worked; `isCurrent` tells whether it is of the values as they are. */
  rendered: RenderedTemplate | null;
  isCurrent: boolean;
  isRendering: boolean;
  /** Why the values cannot be rendered. */
  problem: ChannelError | null;
  /** The values as they are sent. */
  sent: Values;
  retry(): void;
}

const NOTHING: Chosen = {
  template: null,
  error: null,
  rendered: null,
  isCurrent: false,
  isRendering: false,
  problem: null,
  sent: {},
  retry: () => undefined,
};

export function useTemplate(connection: string, state: WizardState): Chosen {
  const isDiff = state.template === DIFF;
  const id = isDiff || state.template === CONVERT ? '' : (state.template ?? '');
  const values = valuesOf(state);
  const listed = useChannel('template:list', { connection }, { enabled: id !== '' });
  const fields = listed.data?.templates.find((one) => one.id === id)?.fields ?? NONE;
  // Only the tables chosen decide about other fields' choices.
  const owners = useMemo(() => {
    const names = new Set(fields.map((one) => one.of).filter((name) => name !== null));
    return Object.fromEntries(
      Object.entries(values).filter(([name, value]) => names.has(name) && value !== ''),
    );
  }, [fields, values]);
  const [settledOwners] = useDebouncedValue(owners, RENDER_AFTER_MS);
  const read = useChannel(
    'template:get',
    { connection, template: id, values: settledOwners },
    {
      enabled: id !== '' && listed.data !== undefined,
      placeholderData: (before) => (before?.id === id ? before : undefined),
    },
  );
  const template = read.data ?? null;
  const sent = useMemo(() => toRequest(template?.fields ?? NONE, values), [template, values]);
  const request = useMemo(() => ({ connection, template: id, values: sent }), [connection, id, sent]);
  const [settled] = useDebouncedValue(request, RENDER_AFTER_MS);
  const isSettled = JSON.stringify(settled) === JSON.stringify(request);
  const render = useChannel('template:render', settled, {
    enabled: template !== null && settled.template === id,
    staleTime: 0,
    placeholderData: (before) => (before?.template === id ? before : undefined),
  });
  if (isDiff) return { ...NOTHING, rendered: state.diff, isCurrent: state.diff !== null };
  const isCurrent = isSettled && render.isSuccess && !render.isPlaceholderData;
  return {
    template,
    error: template ? null : (read.error ?? listed.error),
    rendered: render.data ?? null,
    isCurrent,
    isRendering: render.isFetching || !isSettled,
    problem: isSettled ? render.error : null,
    sent,
    retry: () => void (listed.error ? listed.refetch() : read.refetch()),
  };
}
