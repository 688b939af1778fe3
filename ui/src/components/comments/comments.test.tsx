import { screen, waitFor, within } from '@testing-library/react';
import { beforeEach, expect, test, vi } from 'vitest';
import type { CommentView } from '../../api/types.generated';
import { type Answers, fail, renderPage } from '../../test/render';
import { Markdown } from '../markdown/Markdown';
import { askComments, commentsAsked } from './ask';
import { CommentsSheetHost } from './CommentsSheet';

const aComment = (change: Partial<CommentView> = {}): CommentView => ({
  id: 'c1',
  version: '1',
  author: 'Ada',
  at: '2026-01-17T12:00:00.000Z',
  text: 'Needs an **index**.',
  edited_at: null,
  history: [],
  mine: true,
  name: 'create users',
  ...change,
});

const listed = (comments: CommentView[], more: object = {}) => ({
  comments,
  path: '/shop/comments.json',
  problem: null,
  writable: true,
  ...more,
});

beforeEach(() => commentsAsked.set(null));

function open(answers: Answers) {
  const page = renderPage(<CommentsSheetHost />, { answers });
  askComments({ connection: 'shop', version: '1', name: 'create users' });
  return page;
}

test('comments of this migration only, with what one said before', async () => {
  const edited = aComment({
    edited_at: '2026-01-18T12:00:00.000Z',
    history: [{ at: '2026-01-17T12:00:00.000Z', text: 'No index.' }],
  });
  const { user } = open({
    'comment:list': listed([edited, aComment({ id: 'c2', version: '2', text: 'Else' })]),
  });
  const list = await screen.findByRole('list', { name: 'Comments' });
  expect(within(list).getByText('index').tagName).toBe('STRONG');
  expect(screen.queryByText('Else')).toBeNull();
  expect(screen.queryByText('No index.')).toBeNull();
  await user.click(screen.getByRole('button', { name: 'edited' }));
  expect(screen.getByText('No index.')).toBeVisible();
});

test('a comment is added with Ctrl+Enter, and stays in its field where it cannot be', async () => {
  const add = vi.fn(() => fail({ code: 'conflict' }));
  const { user } = open({ 'comment:list': listed([]), 'comment:add': add });
  await user.type(await screen.findByLabelText('Your comment'), 'Why?{Control>}{Enter}{/Control}');
  await waitFor(() => expect(add).toHaveBeenCalledWith({ connection: 'shop', version: '1', text: 'Why?' }));
  expect(screen.getByLabelText('Your comment')).toHaveValue('Why?');
});

test('only one’s own are edited or deleted, and deleting asks', async () => {
  const remove = vi.fn(() => ({ done: true }));
  const { user } = open({
    'comment:list': listed([aComment(), aComment({ id: 'c2', author: 'Grace', mine: false })]),
    'comment:delete': remove,
  });
  const [mine, hers] = await screen.findAllByRole('listitem');
  expect(within(hers as HTMLElement).queryByRole('button', { name: 'Edit' })).toBeNull();
  await user.click(within(mine as HTMLElement).getByRole('button', { name: 'Delete' }));
  expect(remove).not.toHaveBeenCalled();
  await user.click(screen.getByRole('button', { name: 'Delete for good' }));
  expect(remove).toHaveBeenCalledWith({ connection: 'shop', id: 'c1' });
});

test('a file that cannot be read is said, and nothing is written over it', async () => {
  open({
    'comment:list': listed([], { problem: 'Line 3 of comments.json cannot be read.', writable: false }),
  });
  expect(await screen.findByRole('alert')).toHaveTextContent('Line 3 of comments.json cannot be read.');
  expect(screen.queryByLabelText('Your comment')).toBeNull();
});

test.each([
  ['<img src=x onerror=alert(1)>', 'img'],
  ['<script>alert(1)</script>', 'script'],
  ['[click](javascript:alert(1))', 'a'],
  ['[click](data:text/html,x)', 'a'],
  ['![x](https://evil.example/x.png)', 'img'],
  ['<a href="javascript:alert(1)">x</a>', 'a'],
  ['<iframe src="https://evil.example"></iframe>', 'iframe'],
])('%s becomes no element', (text, tag) => {
  const { container } = renderPage(<Markdown text={text} />, {});
  expect(container.querySelector(tag)).toBeNull();
  expect(container.textContent).toContain(tag === 'a' && text.startsWith('[') ? 'click' : text.slice(0, 8));
});

test('what people write is shown as they mean it', () => {
  const { container } = renderPage(
    <Markdown
      text={'# Why\n\n- one\n- `two`\n\n> said\n\n```sql\nSELECT 1 < 2;\n```\n\nsee https://example.org/a'}
    />,
    {},
  );
  expect(container.querySelectorAll('li')).toHaveLength(2);
  expect(container.querySelector('pre')).toHaveTextContent('SELECT 1 < 2;');
  expect(container.querySelector('blockquote')).toHaveTextContent('said');
  const link = screen.getByRole('link', { name: 'https://example.org/a' });
  expect(link).toHaveAttribute('rel', 'noopener noreferrer nofollow');
});

test('quotes nested without end are text', () => {
  const { container } = renderPage(<Markdown text={`${'> '.repeat(500)}deep`} />, {});
  expect(container).toHaveTextContent('deep');
});
