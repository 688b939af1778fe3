import { screen } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { renderPage } from '../../test/render';
import { anEngine, SETTINGS } from '../../test/samples';
import SettingsPage from '.';

function open(section: string) {
  return renderPage(<SettingsPage />, {
    path: '/settings',
    at: `/settings?section=${section}`,
    answers: {
      'settings:update': SETTINGS,
      'connection:engines': { engines: [anEngine({ available: false, problem: 'psycopg is missing' })] },
      'app:self-check': {
        ok: false,
        tools: [
          { name: 'dbmate', version: '2.37.0', path: '/opt/bin/dbmate', ok: true, problem: null },
          { name: 'node', version: null, path: null, ok: false, problem: 'not found' },
        ],
      },
    },
  });
}

test('a theme is chosen', async () => {
  const { user, called } = open('general');
  await user.click(await screen.findByRole('radio', { name: 'Dark' }));
  expect(called('settings:update')).toEqual([{ changes: { theme: 'dark' } }]);
});

test('text is saved when it is left, and only if it changed', async () => {
  const { user, called } = open('general');
  await user.type(await screen.findByLabelText('Author'), 'Ada');
  expect(called('settings:update')).toEqual([]);
  await user.tab();
  expect(called('settings:update')).toEqual([{ changes: { author: 'Ada' } }]);
  await user.click(screen.getByLabelText('Author'));
  await user.tab();
  expect(called('settings:update')).toHaveLength(1);
});

test('waiting for ever is a choice', async () => {
  const { user, called } = open('safety');
  await user.click(await screen.findByRole('switch', { name: 'Stop waiting for a lock' }));
  expect(called('settings:update')).toEqual([{ changes: { safety: { lock_timeout_s: null } } }]);
});

test('a number out of range is brought into it', async () => {
  const { user, called } = open('editor');
  const size = await screen.findByLabelText('Text size');
  await user.clear(size);
  await user.type(size, '99{Enter}');
  await vi.waitFor(() =>
    expect(called('settings:update')).toEqual([{ changes: { editor: { font_size: 32 } } }]),
  );
});

test('tools and engines say what works and what does not', async () => {
  open('tools');
  expect(await screen.findByText('2.37.0')).toBeInTheDocument();
  expect(screen.getByText('not found')).toBeInTheDocument();
  expect(screen.getByRole('img', { name: 'does not work' })).toBeInTheDocument();
  expect(await screen.findByText('psycopg is missing')).toBeInTheDocument();
});
