/** Ways to begin that lead to another page, which writes the migration. One is offered where its page is there. */
import { IconArrowsDiff } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { type Command, useAllCommands } from '../../lib/commands';

interface Way {
  /** The command that leads to the page. */
  command: string;
  title: string;
  about: string;
  button: string;
  words: string;
  icon: ReactNode;
}

export interface OpenWay extends Way {
  go: Command['run'];
}

const WAYS: Way[] = [
  {
    command: 'go-schema',
    title: 'From a schema difference',
    about:
      'Compare two of: the live database, the schema file, another connection, what the migrations make. What ' +
      'differs is written as a migration, up and down.',
    button: 'Compare schemas',
    words: 'schema diff compare drift generate',
    icon: <IconArrowsDiff size={15} aria-hidden />,
  },
];

export function useWays(): OpenWay[] {
  const commands = useAllCommands();
  return WAYS.flatMap((way) => {
    const found = commands.find((one) => one.id === way.command);
    return found ? [{ ...way, go: found.run }] : [];
  });
}
