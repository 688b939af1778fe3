/**
 * Monaco's list of symbols (and of commands) as it opens, seen and read. It takes its own height before it is shown, which is none, and
 * stays empty until a letter is typed; measured again, it shows what it has.
 */
import type * as Monaco from 'monaco-editor/editor';

export function keepListsShown(editor: Monaco.editor.IStandaloneCodeEditor): Monaco.IDisposable {
  const holder = editor.getDomNode()?.querySelector('.overlayWidgets');
  if (!holder) return { dispose: () => undefined };
  let asked = 0;
  const look = () => {
    asked = 0;
    for (const option of holder.querySelectorAll('.quick-input-list [role="option"]')) {
      // An option folds nothing and has no depth, and is read as it is seen (Monaco's own label names the icon too).
      for (const ofTrees of ['aria-expanded', 'aria-level']) option.removeAttribute(ofTrees);
      option.setAttribute('aria-label', option.textContent?.trim() ?? '');
    }
    const rows = holder.querySelector<HTMLElement>('.quick-input-list .monaco-list-rows');
    const isEmpty = rows?.offsetParent && rows.offsetHeight > 0 && rows.childElementCount === 0;
    if (!isEmpty) return;
    const { width, height } = editor.getLayoutInfo();
    // The list listens to its editor's size alone.
    editor.layout({ width, height: height - 1 });
    editor.layout({ width, height });
  };
  const observer = new MutationObserver(() => {
    if (asked === 0) asked = requestAnimationFrame(look);
  });
  observer.observe(holder, { subtree: true, childList: true, attributeFilter: ['style', 'class'] });
  return {
    dispose() {
      observer.disconnect();
      cancelAnimationFrame(asked);
    },
  };
}
