/** Filters kept by name, for this connection: applied, named, taken away. */
import { ActionIcon, Button, Popover, TextInput, UnstyledButton } from '@mantine/core';
import { IconBookmark, IconPencil, IconTrash } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { useRemembered } from '../../api/settings';
import { notifySuccess } from '../../components/notify';
import { type Filters, isFiltered, readFilters, writeFilters } from './filters';
import classes from './migrations.module.css';

interface Saved {
  name: string;
  /** As in the address. */
  search: string;
}

interface Props {
  connection: string;
  filters: Filters;
  onApply(filters: Filters): void;
}

const NONE: Saved[] = [];

export function SavedFilters({ connection, filters, onApply }: Props) {
  const [saved, setSaved] = useRemembered<Saved[]>(`saved_filters ${connection}`, NONE);
  const [opened, setOpened] = useState(false);
  const [name, setName] = useState('');
  const [renaming, setRenaming] = useState<string | null>(null);
  const now = writeFilters(filters).toString();
  const applied = saved.find((one) => one.search === now);
  const canSave = isFiltered(filters) && !applied;
  // There is nothing to open where there is nothing to keep and nothing kept.
  if (saved.length === 0 && !canSave) return null;

  const save = (event: FormEvent) => {
    event.preventDefault();
    const wanted = name.trim();
    if (!wanted) return;
    if (renaming !== null)
      setSaved(
        saved
          .filter((one) => one.name !== wanted || one.name === renaming)
          .map((one) => (one.name === renaming ? { ...one, name: wanted } : one)),
      );
    else setSaved([...saved.filter((one) => one.name !== wanted), { name: wanted, search: now }]);
    setName('');
    setRenaming(null);
    if (renaming === null) setOpened(false);
  };
  const remove = (one: Saved) => {
    setSaved(saved.filter((other) => other.name !== one.name));
    notifySuccess('Filter removed', one.name, { undo: async () => setSaved(saved) });
  };
  return (
    <Popover
      opened={opened}
      onChange={(open) => {
        setOpened(open);
        setRenaming(null);
        setName('');
      }}
      position="bottom-start"
      width={300}
      shadow="md"
      withinPortal={false}
      trapFocus
    >
      <Popover.Target>
        <UnstyledButton
          className={applied ? classes.chip : classes.pick}
          aria-expanded={opened}
          onClick={() => setOpened(!opened)}
        >
          <IconBookmark size={14} aria-hidden />
          <span className="truncate">
            {applied ? applied.name : saved.length > 0 ? 'Saved' : 'Save filters'}
          </span>
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown aria-label="Saved filters">
        {saved.length > 0 && (
          <ul className={classes.saved}>
            {saved.map((one) => (
              <li key={one.name}>
                <UnstyledButton
                  className={classes.savedName}
                  aria-current={one === applied || undefined}
                  onClick={() => {
                    onApply(readFilters(new URLSearchParams(one.search)));
                    setOpened(false);
                  }}
                >
                  <span className="truncate">{one.name}</span>
                </UnstyledButton>
                <ActionIcon
                  size={24}
                  aria-label={`Rename the filter ${one.name}`}
                  onClick={() => {
                    setRenaming(one.name);
                    setName(one.name);
                  }}
                >
                  <IconPencil size={14} />
                </ActionIcon>
                <ActionIcon
                  size={24}
                  aria-label={`Remove the saved filter ${one.name}`}
                  onClick={() => remove(one)}
                >
                  <IconTrash size={14} />
                </ActionIcon>
              </li>
            ))}
          </ul>
        )}
        {(canSave || renaming !== null) && (
          <form className={classes.saveForm} onSubmit={save}>
            <TextInput
              aria-label={renaming === null ? 'Name of the filter' : `New name of ${renaming}`}
              placeholder="Name these filters"
              value={name}
              maxLength={60}
              onChange={(event) => setName(event.currentTarget.value)}
              autoComplete="off"
              data-autofocus
            />
            <Button type="submit" variant="default" disabled={!name.trim()}>
              {renaming === null ? 'Save' : 'Rename'}
            </Button>
          </form>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}
