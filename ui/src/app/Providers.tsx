/** What every page stands in: theme, cache, notifications and the dialogs that any page may ask for. */
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { type QueryClient, QueryClientProvider } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useSettings } from '../api/settings';
import { cssVariablesResolver, theme } from './theme';

interface Props {
  client: QueryClient;
  /** `test`: dialogs and menus open without transitions. */
  env?: 'default' | 'test';
  children: ReactNode;
}

export function Providers({ client, env = 'default', children }: Props) {
  return (
    <QueryClientProvider client={client}>
      <Themed env={env}>{children}</Themed>
    </QueryClientProvider>
  );
}

function Themed({ env, children }: Pick<Props, 'env' | 'children'>) {
  const chosen = useSettings()?.theme;
  const scheme = chosen === 'light' || chosen === 'dark' ? chosen : undefined;
  return (
    <MantineProvider
      env={env}
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
