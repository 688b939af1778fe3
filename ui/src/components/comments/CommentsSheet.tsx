/** The comments on a migration: read, written, edited, deleted. */
import { Button, Drawer, Loader, Textarea } from '@mantine/core';
import { IconMessage } from '@tabler/icons-react';
import { useState } from 'react';
import { useAction } from '../../api/actions';
import { useComments } from '../../api/comments';
import type { CommentView } from '../../api/types.generated';
import { useStore } from '../../lib/store';
import { EmptyState } from '../EmptyState';
import { ErrorPanel } from '../ErrorPanel';
import { type CommentsQuestion, commentsAsked } from './ask';
import { Comment } from './Comment';
import classes from './comments.module.css';

export function CommentsSheetHost() {
  const question = useStore(commentsAsked);
  return question ? (
    <CommentsSheet key={`${question.connection} ${question.version}`} question={question} />
  ) : null;
}

function CommentsSheet({ question }: { question: CommentsQuestion }) {
  const { data, error, refetch } = useComments(question.connection);
  const comments = data?.comments.filter((one) => one.version === question.version) ?? [];
  return (
    <Drawer
      data-buttons-below
      opened
      onClose={() => commentsAsked.set(null)}
      position="right"
      size="min(480px, 94vw)"
      title={`Comments on ${question.name}`}
      closeButtonProps={{ 'aria-label': 'Close the comments' }}
      classNames={{ body: classes.body }}
    >
      {error && (
        <ErrorPanel error={error} connection={question.connection} onRetry={() => void refetch()} compact />
      )}
      {data?.problem && (
        <p className={classes.problem} role="alert">
          {data.problem} {!data.writable && `Mend ${data.path} by hand before writing.`}
        </p>
      )}
      {!data && !error && <Loader aria-label="Reading the comments" />}
      {data && comments.length === 0 && (
        <EmptyState icon={<IconMessage size={22} />} title="No comments yet">
          Why it is as it is, what to look at, what came of it. Comments live in <code>comments.json</code>{' '}
          beside the migrations folder and travel with it in git.
        </EmptyState>
      )}
      {comments.length > 0 && (
        <ol className={classes.list} aria-label="Comments">
          {comments.map((one: CommentView) => (
            <Comment key={one.id} comment={one} connection={question.connection} />
          ))}
        </ol>
      )}
      {data?.writable && <Write question={question} />}
    </Drawer>
  );
}

function Write({ question }: { question: CommentsQuestion }) {
  const [text, setText] = useState('');
  const add = useAction('comment:add', { onSuccess: () => setText('') });
  const send = () => {
    if (text.trim() && !add.isPending)
      add.mutate({ connection: question.connection, version: question.version, text });
  };
  return (
    <form
      className={classes.write}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Textarea
        label="Your comment"
        description="Markdown. Ctrl+Enter adds it."
        autosize
        minRows={3}
        maxRows={12}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            send();
          }
        }}
      />
      <Button type="submit" disabled={!text.trim()} loading={add.isPending}>
        Add the comment
      </Button>
    </form>
  );
}
