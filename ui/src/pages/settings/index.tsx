/** Settings: each change is saved at once. */
import { Tabs } from '@mantine/core';
import { useSearchParams } from 'react-router';
import { useAction } from '../../api/actions';
import { useSettings } from '../../api/settings';
import { Page } from '../../components/Page';
import { About } from './About';
import { EditorSettings } from './EditorSettings';
import { General } from './General';
import { Rules } from './Rules';
import { Safety } from './Safety';
import classes from './settings.module.css';
import { Tools } from './Tools';

const SECTIONS = [
  { value: 'general', label: 'General', content: General },
  { value: 'editor', label: 'Editor', content: EditorSettings },
  { value: 'safety', label: 'Safety', content: Safety },
  { value: 'rules', label: 'Rules', content: Rules },
  { value: 'tools', label: 'Tools', content: Tools },
  { value: 'about', label: 'About', content: About },
];

export default function SettingsPage() {
  const settings = useSettings();
  const [params, setParams] = useSearchParams();
  const update = useAction('settings:update');
  if (!settings) return null;
  const change = (changes: Record<string, unknown>) => update.mutate({ changes });
  return (
    <Page title="Settings" width="read">
      <Tabs
        value={params.get('section') ?? 'general'}
        onChange={(value) => setParams(value ? { section: value } : {}, { replace: true })}
        keepMounted={false}
      >
        <Tabs.List>
          {SECTIONS.map(({ value, label }) => (
            <Tabs.Tab key={value} value={value}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {SECTIONS.map(({ value, content: Content }) => (
          <Tabs.Panel key={value} value={value} className={classes.panel}>
            <Content settings={settings} change={change} />
          </Tabs.Panel>
        ))}
      </Tabs>
    </Page>
  );
}
