/** A button that copies a text, and says for a moment that it did. */
import { Button, type ButtonProps, CopyButton } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';

interface Props extends Omit<ButtonProps, 'leftSection' | 'children'> {
  text: string;
  label?: string;
  iconSize?: number;
}

export function CopyTextButton({ text, label = 'Copy', iconSize = 14, ...look }: Props) {
  return (
    <CopyButton value={text} timeout={1500}>
      {({ copied, copy }) => (
        <Button
          {...look}
          onClick={copy}
          leftSection={copied ? <IconCheck size={iconSize} /> : <IconCopy size={iconSize} />}
        >
          {copied ? 'Copied' : label}
        </Button>
      )}
    </CopyButton>
  );
}
