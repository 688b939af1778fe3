import { SegmentedControl, Switch } from '@mantine/core';
import { SavedNumber } from './SavedInputs';
import { type SectionProps, Setting } from './Setting';

/** How the editor looks and formats. */
export function EditorSettings({ settings, change }: SectionProps) {
  const { editor } = settings;
  const set = (part: Partial<typeof editor>) => change({ editor: part });
  return (
    <>
      <Setting label="Layout" note="Up and down side by side, or one under the other.">
        <SegmentedControl
          aria-label="Layout"
          value={editor.layout}
          onChange={(layout) => set({ layout: layout as typeof editor.layout })}
          data={[
            { value: 'split', label: 'Side by side' },
            { value: 'single', label: 'One column' },
          ]}
        />
      </Setting>
      <Setting label="Text size">
        <SavedNumber
          label="Text size"
          value={editor.font_size}
          min={8}
          max={32}
          unit="px"
          onSave={(size) => set({ font_size: Math.round(size) })}
        />
      </Setting>
      <Setting label="Tab width">
        <SavedNumber
          label="Tab width"
          value={editor.tab_size}
          min={1}
          max={8}
          onSave={(size) => set({ tab_size: Math.round(size) })}
        />
      </Setting>
      <Setting label="Wrap long lines">
        <Switch
          aria-label="Wrap long lines"
          checked={editor.word_wrap}
          onChange={(event) => set({ word_wrap: event.currentTarget.checked })}
        />
      </Setting>
      <Setting label="Minimap">
        <Switch
          aria-label="Minimap"
          checked={editor.minimap}
          onChange={(event) => set({ minimap: event.currentTarget.checked })}
        />
      </Setting>
      <Setting label="Format when saving">
        <Switch
          aria-label="Format when saving"
          checked={editor.format_on_save}
          onChange={(event) => set({ format_on_save: event.currentTarget.checked })}
        />
      </Setting>
    </>
  );
}
