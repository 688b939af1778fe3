/** The pages and their addresses. Each page is a chunk of its own, loaded when it is first opened. */
import { type ComponentType, lazy } from 'react';
import { createBrowserRouter, type RouteObject } from 'react-router';
import { Frame } from './Frame';
import { PageFailed } from './PageFailed';
import { Start } from './Start';

function page(path: string, load: () => Promise<{ default: ComponentType }>): RouteObject {
  const Lazy = lazy(load);
  return { path, element: <Lazy />, errorElement: <PageFailed /> };
}

export const routes: RouteObject[] = [
  {
    element: <Frame />,
    errorElement: <PageFailed />,
    children: [
      { index: true, element: <Start /> },
      page('connections', () => import('../pages/connections')),
      page('settings', () => import('../pages/settings')),
      page('rules/:code', () => import('../pages/settings/RulePage')),
      page('errors', () => import('../pages/errors')),
      page('errors/:key', () => import('../pages/errors/ErrorPage')),
      page('home', () => import('../pages/home')),
      page('timeline', () => import('../pages/timeline')),
      page('c/:connection/dashboard', () => import('../pages/dashboard')),
      page('c/:connection/timeline', () => import('../pages/timeline')),
      page('c/:connection/migrations', () => import('../pages/migrations')),
      page('c/:connection/new', () => import('../pages/wizard')),
      page('c/:connection/edit/:version', () => import('../pages/editor')),
      page('c/:connection/schema', () => import('../pages/schema/SchemaPage')),
      page('c/:connection/database', () => import('../pages/database')),
      page('c/:connection/history', () => import('../pages/history')),
      page('c/:connection/backups', () => import('../pages/backups')),
      page('c/:connection/analytics', () => import('../pages/analytics')),
      page('c/:connection/connection', () => import('../pages/connection')),
      { path: '*', element: <Start /> },
    ],
  },
];

export const newRouter = () => createBrowserRouter(routes);
