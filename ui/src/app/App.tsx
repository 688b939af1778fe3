/** The app: one cache, one stream of events, one router. */
import { useEffect, useState } from 'react';
import { RouterProvider } from 'react-router/dom';
import { connectEvents } from '../api/events';
import { followJobs, refreshJobs } from '../api/jobs';
import { newQueryClient, refreshOnEvents } from '../api/queries';
import { Providers } from './Providers';
import { newRouter } from './router';

export function App() {
  const [client] = useState(newQueryClient);
  const [router] = useState(newRouter);
  useEffect(() => {
    const refetchJobs = () => void refreshJobs().catch(() => undefined);
    const stops = [
      refreshOnEvents(client),
      followJobs(),
      connectEvents(() => {
        refetchJobs();
        void client.invalidateQueries();
      }),
    ];
    refetchJobs();
    return () => {
      for (const stop of stops) stop();
    };
  }, [client]);
  return (
    <Providers client={client}>
      <RouterProvider router={router} />
    </Providers>
  );
}
