import { SegmentedControl, Switch } from '@mantine/core';
import { useChannel } from '../../api/queries';
import { SavedText } from './SavedInputs';
import { type SectionProps, Setting } from './Setting';

/** Theme, who runs are put down to, and the keychain. */
export function General({ settings, change }: SectionProps) {
  const { data: app } = useChannel('app:info', {});
  const noKeychain = app?.keychain === false && settings.keychain !== 'off';
  return (
    <>
      <Setting label="Theme">
        <SegmentedControl
          aria-label="Theme"
          value={settings.theme}
          onChange={(theme) => change({ theme })}
          data={[
            { value: 'system', label: 'System' },
            { value: 'light', label: 'Light' },
            { value: 'dark', label: 'Dark' },
          ]}
        />
      </Setting>
      <Setting
        label="Author"
        note="Who runs are put down to. Empty: git’s user.name, else the user of this machine."
      >
        <SavedText
          label="Author"
          value={settings.author}
          placeholder={app?.user}
          onSave={(author) => change({ author })}
        />
      </Setting>
      <Setting
        label="Keychain"
        note={
          noKeychain
            ? 'This system has none that can be used, so passwords are kept in .env files only you can read.'
            : 'Keep passwords in the system’s keychain. Off: in .env files only you can read.'
        }
      >
        <Switch
          aria-label="Keychain"
          checked={settings.keychain === 'auto'}
          onChange={(event) => change({ keychain: event.currentTarget.checked ? 'auto' : 'off' })}
        />
      </Setting>
    </>
  );
}
