/** What every page stands in: theme, cache, notifications and the dialogs that any page may ask for. */
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { type QueryClient, QueryClientProvider } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useSettings } from '../api/settings';
import { cssVariablesResolver, theme } from './theme';

interface Props {
  client: QueryClient;
  children: ReactNode;
}

export function Providers({ client, children }: Props) {
  return (
    <QueryClientProvider client={client}>
      <Themed>{children}</Themed>
    </QueryClientProvider>
  );
}

function Themed({ children }: { children: ReactNode }) {
  const chosen = useSettings()?.theme;
  const scheme = chosen === 'light' || chosen === 'dark' ? chosen : undefined;
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariablesResolver}
      defaultColorScheme="auto"
      forceColorScheme={scheme}
    >
      <Notifications position="bottom-right" limit={4} />
      {children}
    </MantineProvider>
  );
}
