/** What completion offers at a place in the text: keywords, snippets and the live schema. Pure. */
import { completeJavaScript } from './mongo/complete';
import { completeSql } from './sql/complete';
import type { Offer, Place } from './suggestion';

export type { Kind, Offer, Place, Suggestion } from './suggestion';

export const complete = (place: Place): Offer =>
  place.dialect === 'mongodb' ? completeJavaScript(place) : completeSql(place);
