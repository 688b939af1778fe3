"""MySQL and MariaDB over PyMySQL: the server commits every schema change, so the truth is read after every run."""

from .engine import MysqlEngine

ENGINE = MysqlEngine()
