# DB Toolkit. Every target makes ready what it needs first; `make run` is all a new user types.
# ARGS goes on to the program:  make run ARGS=--browser   make test ARGS="tests/drivers -k dbmate"
# On Windows, or without make:  py -3 build\bootstrap.py run   (and setup, dev, test, check, …)

PYTHON ?= python3
ARGS ?=

.DEFAULT_GOAL := help
TARGETS := setup run dev test check audit bench faults lock clean

.PHONY: help $(TARGETS)

help:
	@$(PYTHON) build/bootstrap.py --help

$(TARGETS):
	@$(PYTHON) build/bootstrap.py $@ $(ARGS)
