/** The migrations a template makes, in the order they run. */
import { Tabs } from '@mantine/core';
import classes from './wizard.module.css';

interface Props {
  titles: string[];
  at: number;
  onChange(at: number): void;
}

export function FileTabs({ titles, at, onChange }: Props) {
  return (
    <Tabs
      value={String(at)}
      onChange={(value) => onChange(Number(value))}
      className={classes.fileTabs}
      keepMounted={false}
    >
      <Tabs.List aria-label="Migrations">
        {titles.map((title, index) => (
          <Tabs.Tab key={title} value={String(index)}>
            <span className="faint tabular">{index + 1}</span> {title}
          </Tabs.Tab>
        ))}
      </Tabs.List>
    </Tabs>
  );
}
