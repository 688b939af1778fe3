"""Preview: what files are going to do, read from their text and the live catalog. Nothing is run, nothing is changed."""
