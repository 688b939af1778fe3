/** The app itself does not answer: said across the whole window, for everything on it may be old. */
import { Button } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { link, retryEvents } from '../api/events';
import { useStore } from '../lib/store';
import classes from './Banner.module.css';

export function Banner() {
  const state = useStore(link);
  return (
    <div role="status" className={classes.host}>
      {state === 'lost' && (
        <div className={classes.banner}>
          <IconPlugConnectedX size={16} aria-hidden />
          <span className={classes.words}>
            <strong>Connection to the app lost.</strong> What you see may be old. It is tried again by itself;
            what runs goes on.
          </span>
          <Button variant="white" color="red" size="compact-xs" onClick={retryEvents}>
            Try now
          </Button>
        </div>
      )}
    </div>
  );
}
