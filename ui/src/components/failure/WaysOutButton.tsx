/** The button that opens the sheet of a failure. */
import { Button, type ButtonProps } from '@mantine/core';
import { IconLifebuoy } from '@tabler/icons-react';
import { askFailure } from './ask';

interface Props extends ButtonProps {
  connection: string;
  version: string;
  label?: string;
  /** Before the sheet opens: one of them at a time. */
  onAsk?(): void;
}

export function WaysOutButton({ connection, version, label = 'What now…', onAsk, ...look }: Props) {
  return (
    <Button
      variant="default"
      leftSection={<IconLifebuoy size={15} />}
      {...look}
      onClick={() => {
        onAsk?.();
        askFailure({ connection, version });
      }}
    >
      {label}
    </Button>
  );
}
