/** What the files would do, before they are written: the preview of each, and its rehearsal. */
import { Button, Menu, Tooltip } from '@mantine/core';
import { IconEye } from '@tabler/icons-react';
import type { Connection, RenderedTemplate } from '../../api/types.generated';
import { askRun } from '../../components/run/ask';
import { isMac, useCommands } from '../../lib/commands';
import { textsOf, wholeOf } from './state';
import type { Wizard } from './useWizard';

interface Props {
  connection: Connection;
  wizard: Wizard;
  rendered: RenderedTemplate;
  ready: boolean;
}

export function PreviewButton({ connection, wizard, rendered, ready }: Props) {
  const texts = textsOf(wizard.state, rendered);
  const contents = rendered.files.map((file, at) => {
    const text = texts[at];
    return text ? wholeOf(file, text) : null;
  });
  const canShow = ready && contents.every((one) => one !== null);
  const show = (at: number) => {
    const content = contents[at];
    if (canShow && content != null)
      askRun({ channel: 'migration:up', connection: connection.id, content, looking: true });
  };
  useCommands([
    {
      id: 'wizard-preview',
      label: `Preview for ${connection.name}`,
      group: 'New migration',
      keys: 'alt+p',
      whileTyping: !isMac(),
      run: () => show(0),
    },
  ]);
  const isOne = rendered.files.length === 1;
  const button = (
    <Button
      variant="default"
      leftSection={<IconEye size={15} />}
      disabled={!canShow}
      onClick={isOne ? () => show(0) : undefined}
    >
      Preview
    </Button>
  );
  if (isOne)
    return (
      <Tooltip label="What it would do, read and rehearsed; nothing is written. Alt+P">{button}</Tooltip>
    );
  return (
    <Menu position="top-start">
      <Menu.Target>{button}</Menu.Target>
      <Menu.Dropdown aria-label="Preview of">
        {rendered.files.map((file, at) => (
          <Menu.Item key={file.step ?? file.name} onClick={() => show(at)}>
            {file.step ?? file.name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
