"""Every test here may ask for a `project`."""

from tests.drivers.migrate_mongo.fixtures import project

__all__ = ["project"]
