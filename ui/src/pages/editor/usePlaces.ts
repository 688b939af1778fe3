/** Where names lead: to the migration that made them. Another file opens at its line; what is typed here stays a draft. */
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo, useRef } from 'react';
import { useNavigate } from 'react-router';
import { invoke } from '../../api/invoke';
import { channelKey } from '../../api/queries';
import type { Connection } from '../../api/types.generated';
import { notifyInfo } from '../../components/notify';
import type { CodeEditorProps } from '../../editor/CodeEditor';
import { paths } from '../../lib/paths';
import { KEEPS_DRAFT } from './LeaveGuard';

const FRESH_MS = 30_000;

export interface FilePlace {
  filename: string;
  line: number;
  column: number;
}

export function usePlaces(
  connection: Connection,
  filename: string,
  goTo: (line: number, column?: number | null) => void,
) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const latest = useRef({ filename, goTo });
  latest.current = { filename, goTo };

  const open = useCallback(
    (place: FilePlace) => {
      if (place.filename === latest.current.filename) return latest.current.goTo(place.line, place.column);
      const address = `${paths.editor(connection.id, place.filename)}?line=${place.line}&column=${place.column}`;
      void navigate(address, { state: KEEPS_DRAFT });
    },
    [connection.id, navigate],
  );

  const names = useMemo(
    (): NonNullable<CodeEditorProps['names']> => ({
      async places({ name, schema_name, column }) {
        const request = { connection: connection.id, name, schema_name, column };
        const { places } = await client.fetchQuery({
          queryKey: channelKey('migration:definition', request),
          queryFn: () => invoke('migration:definition', request),
          staleTime: FRESH_MS,
        });
        return places;
      },
      goTo: open,
      goNowhere: (target) =>
        target
          ? notifyInfo(
              `No migration makes ${target.column ?? target.name}`,
              'Nothing in the files speaks of it.',
            )
          : notifyInfo('There is no name here', 'Put the cursor on a table or a column.'),
    }),
    [connection.id, client, open],
  );
  return { open, names };
}
