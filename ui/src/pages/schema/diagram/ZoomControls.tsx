/** Nearer, further, all of it. */
import { ActionIcon, Tooltip } from '@mantine/core';
import { IconMaximize, IconMinus, IconPlus } from '@tabler/icons-react';
import { Panel, useReactFlow, useViewport } from '@xyflow/react';
import classes from './diagram.module.css';

export function ZoomControls() {
  const flow = useReactFlow();
  const { zoom } = useViewport();
  const controls = [
    { label: 'Zoom out', icon: <IconMinus size={15} />, run: () => flow.zoomOut({ duration: 150 }) },
    { label: 'Zoom in', icon: <IconPlus size={15} />, run: () => flow.zoomIn({ duration: 150 }) },
    {
      label: 'Show everything',
      icon: <IconMaximize size={15} />,
      run: () => flow.fitView({ padding: 0.08, duration: 200, maxZoom: 1 }),
    },
  ];
  return (
    <Panel position="bottom-left" className={classes.controls}>
      {controls.map(({ label, icon, run }) => (
        <Tooltip key={label} label={label}>
          <ActionIcon variant="subtle" color="gray" aria-label={label} onClick={() => void run()}>
            {icon}
          </ActionIcon>
        </Tooltip>
      ))}
      <span className={`tabular ${classes.zoom}`}>{Math.round(zoom * 100)} %</span>
    </Panel>
  );
}
