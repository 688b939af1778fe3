"""Every test here may ask for a MongoDB `project`."""

from tests.drivers.migrate_mongo.fixtures import project

__all__ = ["project"]
