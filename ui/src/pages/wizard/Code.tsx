/** Text of a migration in Monaco; while that loads, the text itself. */
import { lazy, Suspense } from 'react';
import { CodeView } from '../../components/CodeView';
import type { CodeEditorProps } from '../../editor/CodeEditor';

const Monaco = lazy(() => import('../../editor/CodeEditor'));

export const Code = (props: CodeEditorProps) => (
  <Suspense fallback={<CodeView text={props.value} label={props.label} />}>
    <Monaco {...props} />
  </Suspense>
);
