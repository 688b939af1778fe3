"""What every room may use: errors, events, paths, settings, logging. Imports nothing from the other rooms."""
