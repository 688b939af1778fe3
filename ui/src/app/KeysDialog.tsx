/** Every key that works here, by group. */
import { Modal } from '@mantine/core';
import { Kbd } from '../components/Kbd';
import { keysShown } from '../lib/asked';
import { type Command, useAllCommands } from '../lib/commands';
import { groupBy } from '../lib/groups';
import { useStore } from '../lib/store';
import classes from './KeysDialog.module.css';

export function KeysDialog() {
  const shown = useStore(keysShown);
  const commands = useAllCommands().filter((one) => one.keys);
  const groups = groupBy(commands, (one: Command) => one.group);
  return (
    <Modal opened={shown} onClose={() => keysShown.set(false)} title="Keys" size={560}>
      <div className={classes.groups}>
        {[...groups].map(([group, members]) => (
          <section key={group}>
            <h3 className={classes.group}>{group}</h3>
            <dl className={classes.list}>
              {[...groupBy(members, (one) => one.label)].map(([label, same]) => (
                <div key={label} className={classes.row}>
                  <dt>{label}</dt>
                  {same.map((one) => (
                    <dd key={one.id}>
                      <Kbd keys={one.keys ?? ''} />
                    </dd>
                  ))}
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  );
}
