import { screen } from '@testing-library/react';
import { describe, expect, test, vi } from 'vitest';
import type { RuleInfo } from '../../api/types.generated';
import { SETTINGS_INDEX } from '../../lib/settingsIndex';
import { fail, renderPage } from '../../test/render';
import { anEngine, aRule, SETTINGS } from '../../test/samples';
import SettingsPage from '.';
import RulePage from './RulePage';

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

const RULES = [
  aRule({ code: 'drop-table', title: 'Table dropped', severity: 'critical', harm: 'Every row is lost.' }),
  aRule({ code: 'pg-index', title: 'Index without CONCURRENTLY', engines: ['postgres'] }),
  aRule({ code: 'mongo-out', title: 'Collection replaced', engines: ['mongodb'], severity: 'low' }),
];

describe('rules', () => {
  const openRules = (disabled: string[] = []) =>
    renderPage(<SettingsPage />, {
      path: '/settings',
      at: '/settings?section=rules',
      answers: {
        'settings:get': { ...SETTINGS, lint: { disabled } },
        'settings:update': SETTINGS,
        'rule:list': { rules: RULES },
      },
    });
  const shown = () => screen.getAllByRole('switch').map((one) => one.getAttribute('aria-label'));

  test('the gravest stand first, and are found by any of their words', async () => {
    const { user } = openRules();
    await screen.findByText('3 rules');
    expect(shown()[0]).toBe('Table dropped');
    await user.type(screen.getByLabelText('Search the rules'), 'every row');
    await vi.waitFor(() => expect(shown()).toEqual(['Table dropped']));
    await user.type(screen.getByLabelText('Search the rules'), ' zebra');
    await user.click(await screen.findByRole('button', { name: 'Show all rules' }));
    await screen.findByText('3 rules');
  });

  test('one is switched off, and on again, and the others stay as they are', async () => {
    const { user, called } = openRules(['mongo-out']);
    await user.click(await screen.findByRole('switch', { name: 'Table dropped' }));
    await user.click(screen.getByRole('switch', { name: 'Collection replaced' }));
    expect(called('settings:update')).toEqual([
      { changes: { lint: { disabled: ['mongo-out', 'drop-table'] } } },
      { changes: { lint: { disabled: [] } } },
    ]);
  });

  test('they are narrowed by engine and by whether they are off', async () => {
    const { user, router } = openRules(['mongo-out']);
    await screen.findByText('3 rules, 1 off');
    await user.click(screen.getByRole('combobox', { name: 'State' }));
    await user.click(await screen.findByRole('option', { name: 'Off' }));
    await vi.waitFor(() => expect(shown()).toEqual(['Collection replaced']));
    expect(router.state.location.search).toContain('state=off');
  });

  test('a rule has a page, and the page its switch', async () => {
    const { user, called } = renderPage(<RulePage />, {
      path: '/rules/:code',
      at: '/rules/drop-table',
      answers: {
        'connection:list': { connections: [], problems: [] },
        'settings:update': SETTINGS,
        'rule:read': {
          info: RULES[0] as RuleInfo,
          markdown:
            '# Table dropped\n\n`drop-table` · critical\n\nEvery `row` is lost.\n\n## Instead\n\nRename it.',
        },
      },
    });
    expect(await screen.findByRole('heading', { level: 1, name: 'Table dropped' })).toBeInTheDocument();
    expect(screen.getByRole('heading', { name: 'Instead' })).toBeInTheDocument();
    expect(screen.queryByText(/· critical/)).not.toBeInTheDocument();
    await user.click(screen.getByRole('switch', { name: 'On everywhere' }));
    expect(called('settings:update')).toEqual([{ changes: { lint: { disabled: ['drop-table'] } } }]);
  });
});

test('the palette knows every setting there is, and none that is not', async () => {
  const sections = new Map<string, string[]>();
  for (const { section, label } of SETTINGS_INDEX)
    sections.set(section, [...(sections.get(section) ?? []), label]);
  for (const section of ['general', 'editor', 'safety']) {
    const { container, unmount } = open(section);
    await vi.waitFor(() => expect(container.querySelectorAll('[data-setting]').length).toBeGreaterThan(0));
    const labels = [...container.querySelectorAll('[data-setting]')].map((one) =>
      one.getAttribute('data-setting'),
    );
    expect(sections.get(section)).toEqual(labels);
    unmount();
  }
});

describe('backups', () => {
  test('are made by themselves when that is chosen', async () => {
    const { user, called } = open('safety');
    await user.click(await screen.findByRole('combobox', { name: 'Back up before applying' }));
    await user.click(await screen.findByRole('option', { name: 'Always' }));
    expect(called('settings:update')).toEqual([{ changes: { backups: { before_up: 'always' } } }]);
  });

  test('are kept for ever when age is switched off', async () => {
    const { user, called } = open('safety');
    await user.click(await screen.findByRole('switch', { name: 'How long backups are kept' }));
    expect(called('settings:update')).toEqual([{ changes: { backups: { keep_days: null } } }]);
  });

  test('a folder that is refused stays in the field, with the reason under it', async () => {
    const { user } = renderPage(<SettingsPage />, {
      path: '/settings',
      at: '/settings?section=safety',
      answers: {
        'settings:update': () =>
          fail({ code: 'invalid_request', message: 'The folder must be an absolute path.' }),
      },
    });
    const folder = await screen.findByRole('textbox', { name: 'Where backups are' });
    await user.type(folder, 'here{Enter}');
    expect(await screen.findByText('The folder must be an absolute path.')).toBeInTheDocument();
    expect(folder).toHaveValue('here');
    expect(folder).toBeInvalid();
  });
});
