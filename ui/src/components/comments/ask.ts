/** Opening the comments on a migration: their sheet stands in the frame. */
import { createStore } from '../../lib/store';

export interface CommentsQuestion {
  connection: string;
  /** Version or filename. */
  version: string;
  name: string;
}

export const commentsAsked = createStore<CommentsQuestion | null>(null);

export const askComments = (question: CommentsQuestion) => commentsAsked.set(question);
