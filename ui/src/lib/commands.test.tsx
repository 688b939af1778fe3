import { render } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useEffect, useState } from 'react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Command, listenForKeys, useCommands } from './commands';

let stop: () => void;
beforeEach(() => {
  stop = listenForKeys();
});
afterEach(() => stop());

function Page({ commands }: { commands: Command[] }) {
  useCommands(commands);
  return (
    <>
      <input aria-label="name" />
      <button type="button">somewhere</button>
    </>
  );
}

const command = (keys: string, run: () => void, more: Partial<Command> = {}): Command => ({
  id: keys,
  label: keys,
  group: 'test',
  keys,
  run,
  ...more,
});

test.each([
  ['g m', 'gm'],
  ['?', '?'],
  ['mod+k', '{Control>}k{/Control}'],
  ['/', '/'],
])('%s is heard', async (keys, typed) => {
  const run = vi.fn();
  render(<Page commands={[command(keys, run)]} />);
  await userEvent.keyboard(typed);
  expect(run).toHaveBeenCalledOnce();
});

test('what began as a sequence is never taken for its last letter alone', async () => {
  const [apply, history] = [vi.fn(), vi.fn()];
  const { unmount } = render(<Page commands={[command('g a', history), command('a', apply)]} />);
  await userEvent.keyboard('ga');
  expect(history).toHaveBeenCalledOnce();
  expect(apply).not.toHaveBeenCalled();
  unmount();
  render(<Page commands={[command('g h', history), command('a', apply)]} />);
  await userEvent.keyboard('ga');
  expect(apply).not.toHaveBeenCalled();
  await userEvent.keyboard('a');
  expect(apply).toHaveBeenCalledOnce();
});

test('plain keys are left to the field that is typed into', async () => {
  const plain = vi.fn();
  const save = vi.fn();
  const { getByLabelText } = render(
    <Page commands={[command('n', plain), command('mod+s', save, { whileTyping: true })]} />,
  );
  await userEvent.click(getByLabelText('name'));
  await userEvent.keyboard('n{Control>}s{/Control}');
  expect(plain).not.toHaveBeenCalled();
  expect(save).toHaveBeenCalledOnce();
});

test('commands end with their page, and run what they say now', async () => {
  const before = vi.fn();
  const after = vi.fn();
  const { rerender, unmount } = render(<Page commands={[command('n', before)]} />);
  rerender(<Page commands={[command('n', after)]} />);
  await userEvent.keyboard('n');
  expect(before).not.toHaveBeenCalled();
  expect(after).toHaveBeenCalledOnce();
  unmount();
  await userEvent.keyboard('n');
  expect(after).toHaveBeenCalledOnce();
});

test('an open dialog keeps the keys to itself', async () => {
  const run = vi.fn();
  render(
    <>
      <Page commands={[command('n', run)]} />
      <div role="dialog" aria-modal="true" />
    </>,
  );
  await userEvent.keyboard('n');
  expect(run).not.toHaveBeenCalled();
});

/** Closes on any key, before the key comes up to the commands. */
function Dialog() {
  const [open, setOpen] = useState(true);
  useEffect(() => {
    const close = () => setOpen(false);
    window.addEventListener('keydown', close, { capture: true });
    return () => window.removeEventListener('keydown', close, { capture: true });
  }, []);
  return open ? <div role="dialog" aria-modal="true" /> : null;
}

test('the Escape that closes a dialog does nothing more', async () => {
  const leave = vi.fn();
  render(
    <>
      <Page commands={[command('escape', leave)]} />
      <Dialog />
    </>,
  );
  await userEvent.keyboard('{Escape}');
  expect(document.querySelector('[role="dialog"]')).toBeNull();
  expect(leave).not.toHaveBeenCalled();
  await userEvent.keyboard('{Escape}');
  expect(leave).toHaveBeenCalledOnce();
});
