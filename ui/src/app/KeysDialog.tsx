/** Every key that works here: this page's first, then everywhere's. Searchable by what it does or by the key itself. */
import { Modal, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { Kbd, keyNames } from '../components/Kbd';
import { keysShown } from '../lib/asked';
import { type Command, isOfPage, useAllCommands } from '../lib/commands';
import { groupBy } from '../lib/groups';
import { scoreOf } from '../lib/match';
import { useStore } from '../lib/store';
import classes from './KeysDialog.module.css';

export function KeysDialog() {
  const shown = useStore(keysShown);
  return (
    <Modal opened={shown} onClose={() => keysShown.set(false)} title="Keys" size={640}>
      {shown && <Keys />}
    </Modal>
  );
}

/** The same, for what a component handles itself and so registers no command for. */
const TABS_THEMSELVES: Array<Pick<Command, 'id' | 'label' | 'group' | 'keys'>> = [
  { id: 'in-tab-menu', label: 'Menu of what has the focus', group: 'Everywhere', keys: 'shift+f10' },
  { id: 'in-tab-move', label: 'Move the tab that has the focus', group: 'Tabs', keys: 'alt+arrowright' },
  { id: 'in-tab-close', label: 'Close the tab that has the focus', group: 'Tabs', keys: 'delete' },
];

function Keys() {
  const [query, setQuery] = useState('');
  const all = useAllCommands();
  const hasTabs = all.some((one) => one.id === 'tab-next');
  const own = TABS_THEMSELVES.filter((one) => one.group !== 'Tabs' || hasTabs);
  const commands = [...all.filter(isOfPage), ...all.filter((one) => !isOfPage(one)), ...own].filter(
    (one) => one.keys && fits(one, query.trim()),
  );
  const groups = groupBy(commands, (one) => one.group);
  return (
    <>
      <TextInput
        aria-label="Search the keys"
        placeholder="Search by what it does, or by the key"
        leftSection={<IconSearch size={15} />}
        value={query}
        onChange={(event) => setQuery(event.currentTarget.value)}
        data-autofocus
      />
      <div className={classes.groups}>
        {[...groups].map(([group, members]) => (
          <section key={group}>
            <h3 className={classes.group}>{group}</h3>
            <dl className={classes.list}>
              {[...groupBy(members, (one) => one.label)].map(([label, same]) => (
                <div key={label} className={classes.row}>
                  <dt>{label}</dt>
                  {rangeOf(same).map((keys) => (
                    <dd key={keys}>
                      <Kbd keys={keys} />
                    </dd>
                  ))}
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <div role="status" className={classes.none}>
        {groups.size === 0 && `No key is for “${query}”.`}
      </div>
    </>
  );
}

function fits(
  { label, group, keys = '' }: Pick<Command, 'label' | 'group' | 'keys'>,
  query: string,
): boolean {
  const pressed = keyNames(keys);
  const note = `${group} ${keys} ${pressed.join(' ')} ${pressed.join('+')}`;
  return scoreOf({ label, note }, query) !== null;
}

const MOST_SHOWN = 3;

/** Its keys; of a row of them, the first and the last. */
function rangeOf(same: Array<Pick<Command, 'keys'>>): string[] {
  const keys = [...new Set(same.map((one) => one.keys ?? ''))];
  const [first, last] = [keys[0], keys.at(-1)];
  return keys.length <= MOST_SHOWN || !first || !last ? keys : [first, last];
}
