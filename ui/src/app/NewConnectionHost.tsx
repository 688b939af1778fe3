/** The dialog for a new connection, opened from the rail, the palette or the first page. Loaded when first asked for. */
import { lazy, Suspense } from 'react';
import { newConnectionAsked } from '../lib/asked';
import { useStore } from '../lib/store';

const NewConnection = lazy(() => import('../components/connection/NewConnection'));

export function NewConnectionHost() {
  const tab = useStore(newConnectionAsked);
  if (!tab) return null;
  return (
    <Suspense fallback={null}>
      <NewConnection tab={tab} onClose={() => newConnectionAsked.set(null)} />
    </Suspense>
  );
}
