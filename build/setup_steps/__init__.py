"""The steps of the set-up, one file each. Each is silent and quick where there is nothing to do."""
