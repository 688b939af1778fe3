"""The ways in: the window, the browser, the command line. The only imports of webview and flask. No logic of the job here."""
