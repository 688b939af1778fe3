import { screen } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { askConsent } from '../api/consent';
import { ChannelError } from '../api/invoke';
import { fail, renderPage } from '../test/render';
import { aConnection, aTest } from '../test/samples';
import { EnvironmentTag } from './EnvironmentTag';
import { ErrorPanel } from './ErrorPanel';
import { FlagBadge } from './FlagBadge';
import { keyNames } from './Kbd';
import { RelativeTime } from './RelativeTime';
import { StatusBadge } from './StatusBadge';

test('statuses, flags and environments are words, not only colours', () => {
  renderPage(
    <>
      <StatusBadge status="rolled_back" />
      <FlagBadge flag="out_of_order" />
      <EnvironmentTag environment="production" />
    </>,
  );
  expect(screen.getByText('Rolled back')).toBeInTheDocument();
  expect(screen.getByText('Out of order')).toBeInTheDocument();
  expect(screen.getByText('Production')).toBeInTheDocument();
});

test('a time is relative, and exact on hover', async () => {
  const { user } = renderPage(<RelativeTime at={new Date(Date.now() - 3 * 3600_000).toISOString()} />);
  await user.hover(screen.getByText('3 hours ago'));
  expect(await screen.findByRole('tooltip')).toHaveTextContent(/\d{2}:\d{2}:\d{2}/);
});

test('keys are named as they are printed', () => {
  expect(keyNames('mod+k')).toEqual(['Ctrl', 'K']);
  expect(keyNames('g m')).toEqual(['G', 'M']);
});

const error = (code: string, more: Partial<ConstructorParameters<typeof ChannelError>[0]> = {}) =>
  new ChannelError({ code, title: `Title of ${code}`, message: 'What happened.', ...more });

test('an error says what happened and what to do, and copies its details', async () => {
  const { user } = renderPage(
    <ErrorPanel error={error('lock_timeout', { hint: 'Wait.', details: { holder: 'pid 7' } })} />,
  );
  expect(screen.getByRole('alert')).toHaveTextContent('Title of lock_timeoutWhat happened.Wait.');
  await user.click(screen.getByRole('button', { name: 'Details' }));
  expect(screen.getByText(/"holder": "pid 7"/)).toBeInTheDocument();
  await user.click(screen.getByRole('button', { name: 'Copy details' }));
  expect(await navigator.clipboard.readText()).toContain('code: lock_timeout');
});

test('a missing database can be created where it is missed', async () => {
  const onRetry = vi.fn();
  const { user, called } = renderPage(
    <ErrorPanel error={error('database_missing')} connection="shop" onRetry={onRetry} />,
    { answers: { 'database:create': { database_exists: true } } },
  );
  await user.click(await screen.findByRole('button', { name: 'Create the database' }));
  await vi.waitFor(() => expect(onRetry).toHaveBeenCalled());
  expect(called('database:create')[0]).toMatchObject({ connection: 'shop' });
});

test('a locked connection takes its password, and says when it is wrong', async () => {
  const onRetry = vi.fn();
  const { user, called } = renderPage(
    <ErrorPanel
      error={error('invalid_url', { details: { unlock: true } })}
      connection="shop"
      onRetry={onRetry}
    />,
    {
      answers: {
        'connection:list': { connections: [aConnection({ secret: 'ask' })], problems: [] },
        'connection:unlock': ({ password }) =>
          password === 'right' ? aTest() : fail({ code: 'authentication_failed', title: 'Refused' }),
      },
    },
  );
  await user.click(screen.getByRole('button', { name: 'Enter the password' }));
  await user.type(await screen.findByLabelText('Password'), 'wrong');
  await user.click(screen.getByRole('button', { name: 'Unlock shop' }));
  expect(await screen.findByText('Refused')).toBeInTheDocument();
  expect(onRetry).not.toHaveBeenCalled();
  await user.clear(screen.getByLabelText('Password'));
  await user.type(screen.getByLabelText('Password'), 'right{Enter}');
  await vi.waitFor(() => expect(onRetry).toHaveBeenCalled());
  expect(called('connection:unlock')).toHaveLength(2);
});

test('a wrong password of a connection that asks can be given again', async () => {
  renderPage(<ErrorPanel error={error('authentication_failed')} connection="shop" />, {
    answers: { 'connection:list': { connections: [aConnection({ secret: 'ask' })], problems: [] } },
  });
  expect(await screen.findByRole('button', { name: 'Enter the password' })).toBeInTheDocument();
});

test('an error that names a file leads to it', async () => {
  const { user, router } = renderPage(
    <ErrorPanel error={error('migration_invalid', { details: { filename: '1_a.sql' } })} connection="shop" />,
  );
  await user.click(await screen.findByRole('button', { name: 'Open 1_a.sql' }));
  expect(router.state.location.pathname).toBe('/c/shop/edit/1_a.sql');
});

test('consent needs the name to be typed', async () => {
  const { user } = renderPage(<p>page</p>);
  const typed = askConsent({
    channel: 'migration:down',
    title: 'Please confirm',
    message: 'This drops a table.',
    confirm: 'shop',
    losses: ['orders: 12 rows'],
  });
  expect(await screen.findByText('orders: 12 rows')).toBeInTheDocument();
  const button = screen.getByRole('button', { name: 'Roll back on shop' });
  await user.type(screen.getByLabelText(/Type/), 'sho');
  expect(button).toBeDisabled();
  await user.type(screen.getByLabelText(/Type/), 'p');
  await user.click(button);
  await expect(typed).resolves.toBe('shop');
});

test('Escape turns away from consent', async () => {
  const { user } = renderPage(<p>page</p>);
  const typed = askConsent({ channel: 'database:drop', title: '', message: '', confirm: 'shop', losses: [] });
  await screen.findByRole('dialog');
  await user.keyboard('{Escape}');
  await expect(typed).resolves.toBeNull();
});
