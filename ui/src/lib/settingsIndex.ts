/** Every setting by name, for the palette: where it is, and the words it is found by. A test holds it complete. */
import { paths } from './paths';

export interface SettingEntry {
  section: string;
  label: string;
  words?: string;
}

export const SETTINGS_INDEX: SettingEntry[] = [
  { section: 'general', label: 'Theme', words: 'dark light system colour appearance' },
  { section: 'general', label: 'Author', words: 'name user who git' },
  { section: 'general', label: 'Keychain', words: 'passwords secrets' },
  { section: 'editor', label: 'Layout', words: 'split side by side up down editor' },
  { section: 'editor', label: 'Text size', words: 'font editor' },
  { section: 'editor', label: 'Tab width', words: 'indent spaces editor' },
  { section: 'editor', label: 'Wrap long lines', words: 'word wrap editor' },
  { section: 'editor', label: 'Minimap', words: 'overview editor' },
  { section: 'editor', label: 'Format when saving', words: 'prettier editor' },
  { section: 'safety', label: 'Stop waiting for a lock', words: 'lock timeout seconds' },
  { section: 'safety', label: 'Stop waiting for a server', words: 'connect timeout seconds' },
  { section: 'safety', label: 'Allow out of order', words: 'older versions' },
  { section: 'safety', label: 'Write the schema file after each run', words: 'dump schema.sql' },
  { section: 'safety', label: 'Back up before applying', words: 'backup automatic up migrate' },
  { section: 'safety', label: 'Back up before rolling back', words: 'backup automatic down undo' },
  { section: 'safety', label: 'How many backups are kept', words: 'retention count' },
  { section: 'safety', label: 'How long backups are kept', words: 'retention age days' },
  { section: 'safety', label: 'Where backups are', words: 'folder directory path place disk' },
  { section: 'rules', label: 'Rules', words: 'risk lint severity disable switch off findings' },
  { section: 'tools', label: 'Tools', words: 'dbmate node versions engines check' },
  { section: 'about', label: 'About', words: 'version licences data folder log' },
];

export const pathOfSetting = ({ section }: SettingEntry) => `${paths.settings}?section=${section}`;
