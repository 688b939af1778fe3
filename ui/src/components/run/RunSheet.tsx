/** What is asked of a connection's migrations, shown before it is done: the panel of a run, or the sheet of a mark. */
import { useConnections } from '../../api/connections';
import type { Request } from '../../api/invoke';
import { startRun } from '../../api/runs';
import { useStore } from '../../lib/store';
import { PreviewPanel } from '../preview/PreviewPanel';
import { type RunQuestion, runAsked } from './ask';
import { BaselineSheet } from './BaselineSheet';
import { offerUndo } from './RunSheetUndo';
import { runRequest } from './requests';

export function RunSheetHost() {
  const question = useStore(runAsked);
  const { data } = useConnections();
  const connection = data?.connections.find((one) => one.id === question?.connection);
  if (!question || !connection) return null;
  const close = () => runAsked.set(null);
  const run = (asked: RunQuestion, outOfOrder: boolean, confirm: string | undefined) => {
    close();
    const request = runRequest(asked, outOfOrder, confirm);
    void startRun(asked.channel, request as Request<'migration:up'>).then((ended) => {
      if (ended) offerUndo(asked, connection.name);
      asked.onEnd?.(ended);
    });
  };
  const key = JSON.stringify(question);
  const given = { question, connection, onClose: close, onRun: run };
  return question.channel === 'migration:baseline' ? (
    <BaselineSheet key={key} {...given} />
  ) : (
    <PreviewPanel key={key} {...given} />
  );
}
