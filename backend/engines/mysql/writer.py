"""Writes a schema in mysqldump's form from SHOW CREATE, for machines without a dump tool; reads only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend.engine.target import Target

from . import url as urls
from .connect import quoted, reading, records, rows

if TYPE_CHECKING:
    from pymysql.connections import Connection

HEAD = """\
/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40101 SET @OLD_CHARACTER_SET_RESULTS=@@CHARACTER_SET_RESULTS */;
/*!40101 SET @OLD_COLLATION_CONNECTION=@@COLLATION_CONNECTION */;
/*!40101 SET NAMES utf8mb4 */;
/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;
/*!40103 SET TIME_ZONE='+00:00' */;
/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */;
/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;
/*!40111 SET @OLD_SQL_NOTES=@@SQL_NOTES, SQL_NOTES=0 */;
"""
FOOT = """\
/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;

/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;
/*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;
/*!40014 SET UNIQUE_CHECKS=@OLD_UNIQUE_CHECKS */;
/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;
/*!40101 SET CHARACTER_SET_RESULTS=@OLD_CHARACTER_SET_RESULTS */;
/*!40101 SET COLLATION_CONNECTION=@OLD_COLLATION_CONNECTION */;
/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;
"""
_SAVE = """\
/*!50003 SET @saved_cs_client      = @@character_set_client */ ;
/*!50003 SET @saved_cs_results     = @@character_set_results */ ;
/*!50003 SET @saved_col_connection = @@collation_connection */ ;
/*!50003 SET @saved_sql_mode       = @@sql_mode */ ;
"""
_RESTORE = """\
/*!50003 SET sql_mode              = @saved_sql_mode */ ;
/*!50003 SET character_set_client  = @saved_cs_client */ ;
/*!50003 SET character_set_results = @saved_cs_results */ ;
/*!50003 SET collation_connection  = @saved_col_connection */ ;
"""
_DELIMITERS = (";;", "$$", "//", "~~", "@@@", "%%%", "|||")


def written_schema(target: Target) -> str:
    """Sequences, tables with their triggers, views and routines; loads back into the same schema."""
    database = urls.parse(target.url).database
    with reading(target) as connection:
        return Writer(connection, database).write()


class Writer:
    """The parts of a dump, in mysqldump's form."""

    def __init__(self, connection: Connection[Any], database: str) -> None:
        self.connection = connection
        self.database = database

    def kinds(self) -> tuple[list[str], list[str], list[str]]:
        """The names of the tables, the views and the sequences."""
        found = rows(
            self.connection,
            "SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = %s ORDER BY table_name",
            (self.database,),
        )
        tables = [name for name, kind in found if kind not in ("VIEW", "SYSTEM VIEW", "SEQUENCE")]
        views = [name for name, kind in found if kind == "VIEW"]
        return tables, views, [name for name, kind in found if kind == "SEQUENCE"]

    def write(self) -> str:
        tables, views, sequences = self.kinds()
        parts = [HEAD, *map(self.sequence, sequences), *self._tables(tables)]
        parts += map(self.placeholder, views)
        parts += self.routines()
        parts += map(self.view, views)
        return "\n".join([*parts, FOOT, "-- Dump completed\n"])

    def show(self, what: str, name: str) -> dict[str, Any]:
        return records(self.connection, f"SHOW CREATE {what} {quoted(name)}")[0]

    def sequence(self, name: str) -> str:
        created = self.show("SEQUENCE", name)["create table"]
        return f"--\n-- Sequence structure for {quoted(name)}\n--\n\n{created};\n"

    def triggers(self) -> dict[str, list[str]]:
        """By table, in the order in which they fire."""
        found: dict[str, list[str]] = {}
        query = (
            "SELECT event_object_table, trigger_name FROM information_schema.triggers WHERE trigger_schema = %s "
            "ORDER BY event_object_table, action_timing, event_manipulation, action_order"
        )
        for table, trigger in rows(self.connection, query, (self.database,)):
            found.setdefault(table, []).append(trigger)
        return found

    def table(self, name: str) -> str:
        created = self.show("TABLE", name)["create table"]
        return f"--\n-- Table structure for table {quoted(name)}\n--\n\n{created};\n"

    def _tables(self, names: list[str]) -> list[str]:
        triggers = self.triggers()
        parts = []
        for name in names:
            parts.append(self.table(name))
            parts += [self.trigger(trigger) for trigger in triggers.get(name, [])]
        return parts

    def trigger(self, name: str) -> str:
        found = self.show("TRIGGER", name)
        return self.with_settings(found["sql original statement"], found)

    def routines(self) -> list[str]:
        query = (
            "SELECT routine_type, routine_name FROM information_schema.routines WHERE routine_schema = %s "
            "AND routine_type IN ('FUNCTION', 'PROCEDURE') ORDER BY routine_type, routine_name"
        )
        parts = [f"--\n-- Dumping routines for database '{self.database}'\n--\n"]
        for kind, name in rows(self.connection, query, (self.database,)):
            found = self.show(kind, name)
            body = found[f"create {kind.lower()}"]
            if body is None:
                parts.append(f"-- {kind} {quoted(name)}: this user may not read its definition\n")
            else:
                parts.append(self.with_settings(body, found))
        return parts

    def with_settings(self, body: str, found: dict[str, Any]) -> str:
        delimiter = next(one for one in _DELIMITERS if one not in body)
        return (
            f"{_SAVE}"
            f"/*!50003 SET character_set_client  = {found['character_set_client']} */ ;\n"
            f"/*!50003 SET character_set_results = {found['character_set_client']} */ ;\n"
            f"/*!50003 SET collation_connection  = {found['collation_connection']} */ ;\n"
            f"/*!50003 SET sql_mode              = '{found['sql_mode']}' */ ;\n"
            f"DELIMITER {delimiter}\n{body}\n{delimiter}\nDELIMITER ;\n{_RESTORE}"
        )

    def placeholder(self, name: str) -> str:
        """A view of the same columns, so that views may refer to each other in any order."""
        columns = rows(
            self.connection,
            "SELECT column_name FROM information_schema.columns WHERE table_schema = %s AND table_name = %s "
            "ORDER BY ordinal_position",
            (self.database, name),
        )
        shown = ",\n".join(f" NULL AS {quoted(column)}" for (column,) in columns) or " 1 AS `broken`"
        return (
            f"--\n-- Temporary table structure for view {quoted(name)}\n--\n\n"
            f"/*!50001 CREATE VIEW {quoted(name)} AS SELECT\n{shown} */;\n"
        )

    def view(self, name: str) -> str:
        found = self.show("VIEW", name)
        return (
            f"--\n-- Final view structure for view {quoted(name)}\n--\n\n"
            f"/*!50001 DROP VIEW IF EXISTS {quoted(name)}*/;\n{found['create view']};\n"
        )
