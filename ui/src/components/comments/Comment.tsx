/** One comment: who, when, what; one's own may be edited or deleted, and what it said before is one click away. */
import { Button, Group, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useAction } from '../../api/actions';
import type { CommentView } from '../../api/types.generated';
import { formatExact } from '../../lib/format';
import { Markdown } from '../markdown/Markdown';
import { RelativeTime } from '../RelativeTime';
import classes from './comments.module.css';

export function Comment({ comment, connection }: { comment: CommentView; connection: string }) {
  const [editing, setEditing] = useState<string | null>(null);
  const [isAsking, setIsAsking] = useState(false);
  const [showsHistory, setShowsHistory] = useState(false);
  const edit = useAction('comment:edit', { onSuccess: () => setEditing(null) });
  const remove = useAction('comment:delete');
  const of = { connection, id: comment.id };
  return (
    <li className={classes.comment} aria-label={`${comment.author}: ${comment.text.slice(0, 80)}`}>
      <div className={classes.head}>
        <strong className="truncate">{comment.author}</strong>
        <span className="dim">
          <RelativeTime at={comment.at} />
        </span>
        {comment.edited_at && (
          <button
            type="button"
            className={classes.edited}
            aria-expanded={showsHistory}
            onClick={() => setShowsHistory(!showsHistory)}
          >
            edited
          </button>
        )}
      </div>
      {editing === null ? (
        <Markdown text={comment.text} />
      ) : (
        <Textarea
          aria-label="The comment"
          autosize
          minRows={2}
          maxRows={12}
          value={editing}
          data-autofocus
          onChange={(event) => setEditing(event.currentTarget.value)}
        />
      )}
      {showsHistory && (
        <ol className={classes.history} aria-label="What it said before">
          {comment.history.map((one) => (
            <li key={`${one.at} ${one.text}`}>
              <span className="dim">{formatExact(one.at)}</span>
              <Markdown text={one.text} />
            </li>
          ))}
        </ol>
      )}
      {comment.mine && (
        <Group gap={6} className={classes.actions}>
          {editing !== null ? (
            <>
              <Button
                size="compact-sm"
                disabled={!editing.trim()}
                loading={edit.isPending}
                onClick={() => edit.mutate({ ...of, text: editing })}
              >
                Save
              </Button>
              <Button size="compact-sm" variant="default" onClick={() => setEditing(null)}>
                Cancel
              </Button>
            </>
          ) : isAsking ? (
            <>
              <Button
                size="compact-sm"
                color="red"
                loading={remove.isPending}
                onClick={() => remove.mutate(of)}
              >
                Delete for good
              </Button>
              <Button size="compact-sm" variant="default" onClick={() => setIsAsking(false)}>
                Keep it
              </Button>
            </>
          ) : (
            <>
              <Button size="compact-sm" variant="subtle" onClick={() => setEditing(comment.text)}>
                Edit
              </Button>
              <Button size="compact-sm" variant="subtle" onClick={() => setIsAsking(true)}>
                Delete
              </Button>
            </>
          )}
        </Group>
      )}
    </li>
  );
}
