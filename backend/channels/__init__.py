"""The channels, one module a noun, one function a channel: parse, one service call, answer. No logic here.

`migration:up` is `channels/migration.py::up`. The request model stands beside its function.
"""
