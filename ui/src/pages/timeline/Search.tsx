/** Words that must be in a filename. Enter and the arrow lead into the list. */
import { TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { type RefObject, useEffect, useRef, useState } from 'react';
import classes from './timeline.module.css';

const AFTER_MS = 150;

interface Props {
  query: string;
  searchRef: RefObject<HTMLInputElement | null>;
  onChange(query: string): void;
  onLeave(): void;
}

export function Search({ query, searchRef, onChange, onLeave }: Props) {
  // What is typed is here at once, and goes into the address a moment later: no letter waits for a render.
  const [text, setText] = useState(query);
  const told = useRef(query);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => {
    if (query !== told.current) {
      told.current = query;
      setText(query);
    }
  }, [query]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const tell = (words: string, afterMs: number) => {
    setText(words);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      told.current = words;
      onChange(words);
    }, afterMs);
  };
  return (
    <TextInput
      ref={searchRef}
      className={classes.search}
      aria-label="Search the filenames"
      placeholder="Search filenames"
      leftSection={<IconSearch size={14} aria-hidden />}
      value={text}
      onChange={(event) => tell(event.currentTarget.value, AFTER_MS)}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' && event.key !== 'Enter' && event.key !== 'ArrowDown') return;
        event.preventDefault();
        if (event.key === 'Escape' && text) tell('', 0);
        else onLeave();
      }}
    />
  );
}
