/** The editors, loaded when they are first shown. */
import { Loader } from '@mantine/core';
import { lazy, Suspense } from 'react';
import type { CodeEditorProps } from './CodeEditor';
import type { DiffEditorProps } from './DiffEditor';

const LazyCode = lazy(() => import('./CodeEditor'));
const LazyDiff = lazy(() => import('./DiffEditor'));

const loading = (
  <div style={{ display: 'grid', placeItems: 'center', height: '100%' }}>
    <Loader aria-label="Loading the editor" />
  </div>
);

export const CodeEditor = (props: CodeEditorProps) => (
  <Suspense fallback={loading}>
    <LazyCode {...props} />
  </Suspense>
);

export const DiffEditor = (props: DiffEditorProps) => (
  <Suspense fallback={loading}>
    <LazyDiff {...props} />
  </Suspense>
);
