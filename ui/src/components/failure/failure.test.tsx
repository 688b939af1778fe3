import { screen, within } from '@testing-library/react';
import { beforeEach, expect, test, vi } from 'vitest';
import { jobs } from '../../api/jobs';
import type { Repaired } from '../../api/types.generated';
import { type Answers, fail, renderPage } from '../../test/render';
import { aFailure, aPlan, aWay } from '../../test/safety';
import { aConnection, anEngine } from '../../test/samples';
import { askFailure, failureAsked } from './ask';
import { FailureSheetHost } from './FailureSheet';

const REPAIRED: Repaired = {
  connection: 'shop',
  version: '20260117120000',
  way: 'clean_up',
  ok: true,
  run_id: null,
  backup_id: 'b1',
  status: 'not_run',
  statements: [],
  left: [],
  says: 'The table users is gone; the migration is pending again.',
};

beforeEach(() => {
  jobs.set(new Map());
  failureAsked.set(null);
});

async function open(answers: Answers = {}) {
  const page = renderPage(<FailureSheetHost />, {
    answers: {
      'connection:list': { connections: [aConnection()], problems: [] },
      'connection:engines': { engines: [anEngine()] },
      'failure:show': aFailure(),
      'backup:plan': aPlan(),
      ...answers,
    },
  });
  askFailure({ connection: 'shop', version: '20260117120000' });
  return { ...page, sheet: await screen.findByRole('dialog') };
}

test('each statement says what became of it and where that is known from', async () => {
  const { sheet } = await open();
  const list = await within(sheet).findByRole('region', { name: 'Statement by statement' });
  const [first, second, third] = within(list).getAllByRole('listitem');
  expect(first).toHaveTextContent('Stayed');
  expect(first).toHaveTextContent('The table is there now and was not before.');
  expect(second).toHaveTextContent('Failed here');
  expect(second).toHaveTextContent('Not there');
  expect(third).toHaveTextContent('Not known');
  expect(list).toHaveTextContent('1 of 3 statements stayed, 1 not known');
  expect(within(sheet).getByRole('region', { name: 'What it left' })).toHaveTextContent(
    'orders 3 before, 5 now (+2)',
  );
});

test('the recommended way is first and chosen, and shows what it would run and lose', async () => {
  const { sheet } = await open();
  const ways = await within(sheet).findAllByRole('radio');
  expect(ways.map((one) => one.getAttribute('aria-label'))).toEqual([
    'Clean up',
    'Mark it as applied',
    'Restore the backup',
  ]);
  expect(ways[0]).toBeChecked();
  expect(ways[2]).toBeDisabled();
  expect(sheet).toHaveTextContent('Not available: No backup was made before that run.');
  expect(sheet).toHaveTextContent('DROP TABLE users;');
  expect(sheet).toHaveTextContent('2 rows of users');
});

test('a way is taken after the name is typed, and its outcome told', async () => {
  const { user, sheet, called } = await open({
    'failure:resolve': (asked) =>
      asked.confirm
        ? REPAIRED
        : fail({ code: 'confirmation_required', details: { confirm: 'shop', losses: ['2 rows of users'] } }),
  });
  await user.click(await within(sheet).findByRole('button', { name: 'Clean up on shop' }));
  await user.type(await within(sheet).findByLabelText('Type shop to go on'), 'shop');
  await user.click(within(sheet).getByRole('button', { name: 'Clean up on shop' }));
  expect(await within(sheet).findByText(REPAIRED.says)).toBeInTheDocument();
  expect(within(sheet).getByRole('link', { name: 'the backup' })).toBeInTheDocument();
  expect(called('failure:resolve').at(-1)).toMatchObject({ way: 'clean_up', confirm: 'shop' });
  expect(called('failure:resolve').at(-1)).not.toHaveProperty('backup');
});

test('a backup first can be asked for this once', async () => {
  const { user, sheet, called } = await open({ 'failure:resolve': REPAIRED });
  await user.click(await within(sheet).findByRole('switch', { name: 'Back up shop first' }));
  await user.click(within(sheet).getByRole('button', { name: 'Clean up on shop' }));
  await vi.waitFor(() => expect(called('failure:resolve')[0]).toMatchObject({ backup: true }));
});

test('what is left after a way that did not work out is said', async () => {
  const { user, sheet } = await open({
    'failure:resolve': { ...REPAIRED, ok: false, left: ['+ table users'], says: 'It could not be dropped.' },
  });
  await user.click(await within(sheet).findByRole('button', { name: 'Clean up on shop' }));
  expect(await within(sheet).findByText('It did not work out')).toBeInTheDocument();
  expect(within(sheet).getByRole('region', { name: 'Still there' })).toHaveTextContent('+ table users');
  await user.click(within(sheet).getByRole('button', { name: 'Look again' }));
  expect(await within(sheet).findByRole('region', { name: 'What now' })).toBeInTheDocument();
});

test('on a read-only connection nothing can be taken', async () => {
  const { sheet } = await open({
    'connection:list': { connections: [aConnection({ read_only: true })], problems: [] },
    'failure:show': aFailure({ ways: [aWay({ code: 'mark_applied', title: 'Mark it as applied' })] }),
  });
  expect(await within(sheet).findByRole('button', { name: 'Mark as applied on shop' })).toBeDisabled();
});
