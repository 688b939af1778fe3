/** A text in all migrations: the places by file; a click opens one. Nothing is replaced: what ran is history. */
import { ActionIcon, Loader, SegmentedControl, TextInput, Tooltip } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconLetterCase, IconRegex, IconSearch, IconTextRecognition } from '@tabler/icons-react';
import { keepPreviousData } from '@tanstack/react-query';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import { useChannel } from '../../api/queries';
import type { Connection, SearchMatch } from '../../api/types.generated';
import { formatCount, plural } from '../../lib/format';
import { useStore } from '../../lib/store';
import { find, findAsked } from './find';
import classes from './side.module.css';
import type { FilePlace } from './usePlaces';

interface Props {
  connection: Connection;
  filename: string;
  onOpen(place: FilePlace): void;
}

const LIMIT = 300;
const AFTER_MS = 180;

export function FindPanel({ connection, filename, onOpen }: Props) {
  const wanted = useStore(find);
  const asked = useStore(findAsked);
  const [late] = useDebouncedValue(wanted, AFTER_MS);
  const field = useRef<HTMLInputElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const request = {
    connection: connection.id,
    query: late.query,
    regex: late.regex,
    case: late.case,
    whole_word: late.word,
    half: late.half === 'all' ? null : late.half,
    limit: LIMIT,
  };
  const isAsking = late.query !== '';
  const { data, error, isFetching } = useChannel('migration:search', request, {
    enabled: isAsking,
    placeholderData: keepPreviousData,
    staleTime: 5_000,
  });
  const found = isAsking && !error ? data : undefined;

  // biome-ignore lint/correctness/useExhaustiveDependencies: asked for anew by its key.
  useEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, [asked]);

  const step = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    event.preventDefault();
    const buttons = [...(box.current?.querySelectorAll<HTMLButtonElement>('[data-match]') ?? [])];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const to = at + (event.key === 'ArrowDown' ? 1 : -1);
    if (to < 0) field.current?.focus();
    else buttons[Math.min(to, buttons.length - 1)]?.focus();
  };
  const toggle = (name: 'case' | 'word' | 'regex') =>
    find.set((before) => ({ ...before, [name]: !before[name] }));

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: arrows walk from the field through the places.
    <div className={classes.find} onKeyDown={step}>
      <div className={classes.findHead}>
        <TextInput
          ref={field}
          aria-label="Find in all migrations"
          placeholder="Find in all migrations"
          leftSection={<IconSearch size={14} aria-hidden />}
          rightSection={isFetching && isAsking ? <Loader size={12} aria-label="Looking" /> : null}
          value={wanted.query}
          onChange={(event) => {
            const query = event.currentTarget.value;
            find.set((before) => ({ ...before, query }));
          }}
          onKeyDown={(event) => {
            const [first] = found?.matches ?? [];
            if (event.key === 'Enter' && first) onOpen(first);
          }}
          error={error ? true : undefined}
          spellCheck={false}
        />
        <div className={classes.findOptions}>
          <Toggle label="Match case" isOn={wanted.case} onToggle={() => toggle('case')}>
            <IconLetterCase size={15} />
          </Toggle>
          <Toggle label="Whole word" isOn={wanted.word} onToggle={() => toggle('word')}>
            <IconTextRecognition size={15} />
          </Toggle>
          <Toggle label="Regular expression" isOn={wanted.regex} onToggle={() => toggle('regex')}>
            <IconRegex size={15} />
          </Toggle>
          <SegmentedControl
            size="xs"
            aria-label="Which half"
            className={classes.findHalf}
            data={[
              { value: 'all', label: 'All' },
              { value: 'up', label: 'Up' },
              { value: 'down', label: 'Down' },
            ]}
            value={wanted.half}
            onChange={(half) => find.set((before) => ({ ...before, half: half as typeof before.half }))}
          />
        </div>
        <p className={classes.findNote} role="status">
          {error ? (
            <span className={classes.findError}>
              {error.message} {error.hint}
            </span>
          ) : found ? (
            <span className="faint">{saidOf(found)}</span>
          ) : (
            <span className="faint">Looks through up and down of every file.</span>
          )}
        </p>
      </div>
      <div ref={box} className={classes.scroll}>
        {grouped(found?.matches ?? []).map(([file, matches]) => (
          <section key={file} aria-label={file}>
            <h3 className={classes.fileHead} title={file}>
              <span className="mono truncate">{file}</span>
              <span className="faint tabular">{file === filename ? 'this file' : matches.length}</span>
            </h3>
            <ul className={classes.list}>
              {matches.map((one) => (
                <li key={`${one.line}:${one.column}`}>
                  <button type="button" data-match className={classes.match} onClick={() => onOpen(one)}>
                    <span className={`faint tabular ${classes.line}`}>{one.line}</span>
                    <span className={`mono ${classes.text}`}>
                      {shortened(one.before)}
                      <mark>{one.text}</mark>
                      {one.after}
                    </span>
                  </button>
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
    </div>
  );
}

function saidOf({
  total,
  files,
  truncated,
  matches,
}: {
  total: number;
  files: number;
  truncated: boolean;
  matches: SearchMatch[];
}) {
  if (total === 0) return 'Nothing found.';
  const said = `${plural(total, 'place')} in ${plural(files, 'file')}`;
  return truncated ? `${said}; the first ${formatCount(matches.length)} are shown` : said;
}

function grouped(matches: SearchMatch[]): Array<[string, SearchMatch[]]> {
  const files = new Map<string, SearchMatch[]>();
  for (const one of matches) files.set(one.filename, [...(files.get(one.filename) ?? []), one]);
  return [...files];
}

// So that the place itself is in sight.
const BEFORE = 18;
function shortened(before: string): string {
  const text = before.trimStart();
  return text.length > BEFORE ? `…${text.slice(-BEFORE)}` : text;
}

interface ToggleProps {
  label: string;
  isOn: boolean;
  onToggle(): void;
  children: React.ReactNode;
}

function Toggle({ label, isOn, onToggle, children }: ToggleProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon
        size={24}
        aria-label={label}
        aria-pressed={isOn}
        variant={isOn ? 'light' : 'subtle'}
        onClick={onToggle}
      >
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
