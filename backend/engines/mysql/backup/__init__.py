"""Backups of MySQL and MariaDB: a dump in mysqldump's layout."""

from .tools import MysqlBackup

BACKUP = MysqlBackup()
