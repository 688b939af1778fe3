"""Fixtures of every test: the database servers that tests run against."""

pytest_plugins = ["tests.plugin_servers"]
