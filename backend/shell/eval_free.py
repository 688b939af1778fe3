"""Makes pywebview work under a Content-Security-Policy without `unsafe-eval`.

pywebview 6.2 builds the page's side of js_api with `new Function` (js/api.js) and hands answers back through `eval`
(Window.evaluate_js). The policy forbids both to the page; both can be said without. The window test notices if a newer
pywebview is written otherwise.
"""

from __future__ import annotations

from typing import Any

_WITH_EVAL = """nestedObject[functionName] = new Function(
        sanitize_params(params),
        funcBody
      );"""

_WITHOUT = """nestedObject[functionName] = (function (name) {
        return function () {
          var given = Array.prototype.slice.call(arguments);
          var id = (Math.random() + "").substring(2);
          var promise = new Promise(function (resolve, reject) {
            window.pywebview._checkValue(name, resolve, reject, id);
          });
          window.pywebview._jsApiCallback(name, given, id);
          return promise;
        };
      })(funcName);"""


class BridgeChanged(Exception):
    """This pywebview builds its bridge in another way than the one known here."""


def install() -> None:
    """Replace the bridge's `new Function`. Call once, before the first window is made. Raises BridgeChanged."""
    from webview import util

    # Annotated upstream as returning one string; it returns two.
    original: Any = util.load_js_files
    if getattr(original, "is_eval_free", False):
        return

    def load_js_files(window: Any, platform: str) -> tuple[str, str]:
        code, finish = original(window, platform)
        if _WITH_EVAL not in code:
            raise BridgeChanged("pywebview's api.js is not the one that is known")
        return code.replace(_WITH_EVAL, _WITHOUT), finish

    load_js_files.is_eval_free = True  # type: ignore[attr-defined]
    vars(util)["load_js_files"] = load_js_files


def answer_without_eval(window: Any) -> None:
    """Let the bridge's answers reach the page as plain scripts (util.js_bridge_call uses `evaluate_js`)."""
    window.evaluate_js = lambda script, callback=None: window.run_js(script)
