/** Where the lists of suggestions open: inside the page, so that they are part of what is read as it. */
export const POPUPS_ID = 'wizard-popups';
export const inPage = { portalProps: { target: `#${POPUPS_ID}` } };
