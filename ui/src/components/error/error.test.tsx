/** An error's fixes, its report and its page, as a user meets them. */
import { screen } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { ChannelError } from '../../api/invoke';
import ErrorPage from '../../pages/errors/ErrorPage';
import { renderPage } from '../../test/render';
import { ErrorPanel } from '../ErrorPanel';

const error = (code: string, details: Record<string, unknown> = {}) =>
  new ChannelError({ code, title: `Title of ${code}`, message: 'What happened.', details }, 'migration:up');

const failed = error('migration_failed', {
  file: '1_a.sql',
  line: 5,
  cause: {
    code: 'migration_failed',
    title: 'The migration failed',
    message: 'relation "users" already exists',
    details: { reason: 'table_exists', table: 'users' },
  },
});

test('the fixes are those of the reason first, and each does its deed', async () => {
  const { user, router } = renderPage(<ErrorPanel error={failed} connection="shop" />);
  await screen.findByRole('button', { name: 'Mark as applied…' });
  expect(screen.getByRole('alert')).toHaveTextContent('PostgreSQL undoes the whole file.');
  await user.click(screen.getByRole('button', { name: 'Open at line 5' }));
  const { pathname, search } = router.state.location;
  expect(pathname + search).toBe('/c/shop/edit/1_a.sql?line=5');
});

test('the table is shown, and a fix that nobody knows leads to the page of the error', async () => {
  const { user, router } = renderPage(<ErrorPanel error={failed} connection="shop" />);
  expect(await screen.findByRole('button', { name: 'Show users' })).toBeInTheDocument();
  await user.click(screen.getByRole('button', { name: 'A fix of tomorrow' }));
  expect(router.state.location.pathname).toBe('/errors/table_exists');
});

test('without a connection only what needs none is offered', async () => {
  renderPage(<ErrorPanel error={failed} onRetry={() => {}} />);
  await screen.findByRole('link', { name: 'About this error' });
  expect(screen.queryByRole('button', { name: 'Mark as applied…' })).toBeNull();
  expect(screen.getByRole('button', { name: 'Try again' })).toBeInTheDocument();
});

test('a command that mends it is copied', async () => {
  const details = { reason: 'module_missing', command: 'npm install lodash' };
  const { user } = renderPage(<ErrorPanel error={error('migration_invalid', details)} connection="shop" />);
  await user.click(await screen.findByRole('button', { name: 'Copy “npm install lodash”' }));
  expect(await navigator.clipboard.readText()).toBe('npm install lodash');
  expect(screen.getByRole('alert')).toHaveTextContent('A package is missing');
});

test('the details are copied as the backend writes them', async () => {
  const answers = {
    'error:report': { title: 't', details: 'Engine: postgres', markdown: '## m', url: null },
  };
  const { user, called } = renderPage(<ErrorPanel error={failed} connection="shop" />, { answers });
  await user.hover(screen.getByRole('alert'));
  await vi.waitFor(() => expect(called('error:report')).toHaveLength(1));
  await vi.waitFor(async () => {
    await user.click(screen.getByRole('button', { name: /Copy details|Copied/ }));
    expect(await navigator.clipboard.readText()).toBe('Engine: postgres');
  });
});

test('the report can be completed before it is copied', async () => {
  const answers = {
    'error:report': {
      title: 't',
      details: 'd',
      markdown: '## What I did',
      url: 'https://example.org/issues',
    },
  };
  const { user, called } = renderPage(<ErrorPanel error={failed} connection="shop" />, { answers });
  await user.click(screen.getByRole('button', { name: 'Report issue' }));
  const text = await screen.findByLabelText('Text of the report');
  await user.type(text, ': applied it');
  await user.click(screen.getByRole('button', { name: 'Copy the text' }));
  expect(await navigator.clipboard.readText()).toBe('## What I did: applied it');
  expect(screen.getByRole('link', { name: /Open the list of issues/ })).toHaveAttribute(
    'href',
    'https://example.org/issues',
  );
  expect(called('error:report').at(-1)).toMatchObject({ probe: true, connection: 'shop' });
});

test('where the backend is gone the details are still there to copy', async () => {
  const gone = new ChannelError({ code: 'backend_unreachable', title: 'Gone', message: 'Lost.' });
  const { user } = renderPage(<ErrorPanel error={gone} />, {
    answers: { 'error:report': undefined, 'error:catalogue': undefined },
  });
  expect(screen.getByRole('button', { name: 'Reload' })).toBeInTheDocument();
  await user.click(screen.getByRole('button', { name: 'Copy details' }));
  expect(await navigator.clipboard.readText()).toContain('code: backend_unreachable');
});

test('the page of a reason says what it means, and for which database what more', async () => {
  renderPage(<ErrorPage />, { path: '/errors/:key', at: '/errors/table_exists' });
  expect(await screen.findByRole('heading', { name: 'It is there already' })).toBeInTheDocument();
  expect(screen.getByText('What table_exists means.')).toBeInTheDocument();
  expect(screen.getByText(/PostgreSQL: IF NOT EXISTS skips it/)).toBeInTheDocument();
});
