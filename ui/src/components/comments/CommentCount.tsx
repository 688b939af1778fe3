/** How many comments a migration has, as a button that opens them; nothing where there are none. */
import { Tooltip } from '@mantine/core';
import { IconMessage } from '@tabler/icons-react';
import { plural } from '../../lib/format';
import { askComments, type CommentsQuestion } from './ask';
import classes from './comments.module.css';

export function CommentCount({ count, ...question }: CommentsQuestion & { count: number | undefined }) {
  if (!count) return null;
  return (
    <Tooltip label={plural(count, 'comment')}>
      <button
        type="button"
        tabIndex={-1}
        className={classes.count}
        aria-label={`${plural(count, 'comment')} on ${question.name}`}
        onClick={(event) => {
          event.stopPropagation();
          askComments(question);
        }}
      >
        <IconMessage size={13} aria-hidden />
        {count}
      </button>
    </Tooltip>
  );
}
