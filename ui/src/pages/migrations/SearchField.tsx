/** The search: words, "phrases", -exclusions and `key:value` pairs, which it completes. */
import { Combobox, TextInput, UnstyledButton, useCombobox } from '@mantine/core';
import { IconSearch, IconX } from '@tabler/icons-react';
import { type Ref, useEffect, useRef, useState } from 'react';
import { Kbd } from '../../components/Kbd';
import { offersFor, take } from './completion';
import type { Choices, Filters } from './filters';
import classes from './migrations.module.css';

interface Props {
  filters: Filters;
  choices: Choices;
  fieldRef: Ref<HTMLInputElement>;
  onChange(change: Partial<Filters>): void;
  onLeave(): void;
}

/** The words as typed. The address follows a moment later over a long list, and must not take letters back. */
export function SearchField({ filters, choices, fieldRef, onChange, onLeave }: Props) {
  const { query } = filters;
  const [typed, setTyped] = useState(query);
  const [caret, setCaret] = useState(query.length);
  const onTheWay = useRef<string[]>([]);
  const field = useRef<HTMLInputElement | null>(null);
  const box = useCombobox({ onDropdownClose: () => box.resetSelectedOption() });
  useEffect(() => {
    const echo = onTheWay.current.lastIndexOf(query);
    if (echo >= 0) onTheWay.current.splice(0, echo + 1);
    else setTyped(query);
  }, [query]);
  const change = (to: string, more: Partial<Filters> = {}) => {
    setTyped(to);
    onTheWay.current.push(to);
    onChange({ query: to, ...more });
  };
  const offers = offersFor(typed, caret, filters, choices);
  const shown = box.dropdownOpened && offers.length > 0;
  const accept = (label: string) => {
    const offer = offers.find((one) => one.label === label);
    if (!offer) return;
    const after = take(typed, caret, offer);
    change(after.text, offer.change);
    setCaret(after.caret);
    box.resetSelectedOption();
    if (!offer.text.endsWith(':')) box.closeDropdown();
    requestAnimationFrame(() => field.current?.setSelectionRange(after.caret, after.caret));
  };
  return (
    <Combobox
      store={box}
      withinPortal={false}
      position="bottom-start"
      width={300}
      shadow="md"
      onOptionSubmit={accept}
    >
      <Combobox.Target withKeyboardNavigation={shown}>
        <TextInput
          ref={(element) => {
            field.current = element;
            if (typeof fieldRef === 'function') fieldRef(element);
            else if (fieldRef) fieldRef.current = element;
          }}
          className={classes.search}
          aria-label="Search names, versions and text"
          placeholder="Search, or table:users -word"
          leftSection={<IconSearch size={14} aria-hidden />}
          rightSection={
            typed ? (
              <UnstyledButton
                className={classes.clear}
                aria-label="Clear the search"
                onClick={() => change('')}
              >
                <IconX size={13} />
              </UnstyledButton>
            ) : (
              <Kbd keys="/" />
            )
          }
          value={typed}
          onChange={(event) => {
            const { value, selectionStart } = event.currentTarget;
            setCaret(selectionStart ?? value.length);
            change(value);
            box.openDropdown();
            box.resetSelectedOption();
          }}
          onSelect={(event) => setCaret(event.currentTarget.selectionStart ?? 0)}
          onBlur={() => box.closeDropdown()}
          onKeyDown={(event) => {
            const chosen = box.getSelectedOptionIndex();
            if (shown && event.key === 'Tab' && !event.shiftKey)
              accept(offers[Math.max(0, chosen)]?.label ?? '');
            else if (shown && event.key === 'Escape') box.closeDropdown();
            // The list of offers has the arrows, and Enter once one is chosen.
            else if (shown && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) return;
            else if (shown && event.key === 'Enter' && chosen >= 0) return;
            else if (event.key === 'Escape' && typed) change('');
            else if (event.key === 'Escape' || event.key === 'Enter' || event.key === 'ArrowDown') {
              box.closeDropdown();
              onLeave();
            } else return;
            event.preventDefault();
          }}
          spellCheck={false}
          autoComplete="off"
        />
      </Combobox.Target>
      <Combobox.Dropdown hidden={!shown}>
        <Combobox.Options mah={280} style={{ overflowY: 'auto' }} aria-label="Completions">
          {offers.map((one) => (
            <Combobox.Option key={one.label} value={one.label} className={classes.offer}>
              <span className="mono truncate">{one.label}</span>
              {one.note && <span className="faint truncate">{one.note}</span>}
            </Combobox.Option>
          ))}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}
