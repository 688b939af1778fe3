/** The pages and their addresses. Each page is a chunk of its own, loaded when it is first opened. */
import { type ComponentType, lazy } from 'react';
import { createBrowserRouter, type RouteObject } from 'react-router';
import { Frame } from './Frame';
import { PageFailed } from './PageFailed';
import { Start } from './Start';

// Each folder under pages/ is a page; its index.tsx is loaded when the page is first opened.
const pages = import.meta.glob<{ default: ComponentType }>('../pages/*/index.tsx');

function page(path: string, folder: string): RouteObject[] {
  const load = pages[`../pages/${folder}/index.tsx`];
  if (!load) return [];
  const Lazy = lazy(load);
  return [{ path, element: <Lazy />, errorElement: <PageFailed /> }];
}

export const routes: RouteObject[] = [
  {
    element: <Frame />,
    errorElement: <PageFailed />,
    children: [
      { index: true, element: <Start /> },
      ...page('connections', 'connections'),
      ...page('settings', 'settings'),
      ...page('c/:connection/migrations', 'migrations'),
      ...page('c/:connection/new', 'editor'),
      ...page('c/:connection/edit/:version', 'editor'),
      ...page('c/:connection/database', 'database'),
      ...page('c/:connection/connection', 'connection'),
      { path: '*', element: <Start /> },
    ],
  },
];

export const newRouter = () => createBrowserRouter(routes);
