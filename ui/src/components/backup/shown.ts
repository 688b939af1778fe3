/** The job whose restore sheet is on the screen: its end needs no message. */
export const restoreShown = { job: null as string | null };
