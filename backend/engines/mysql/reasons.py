"""Why MySQL or MariaDB refused, by error number and by its words, as a reason of the error catalogue. Tables only."""

from __future__ import annotations

import re

_NUMBERS: dict[str, tuple[int, ...]] = {
    "ambiguous_name": (1052, 1066),
    "charset_unknown": (1115, 1253, 1273, 1267),
    "check": (3819, 4025),
    "column_count": (1136, 1222, 1353, 1058),
    "column_exists": (1060,),
    "column_missing": (1054, 1072),
    "connection_refused": (2002, 2003),
    "database_exists": (1007,),
    "deadlock": (1213,),
    "dependent_objects": (1553, 1829, 1828, 1834, 3730, 3780),
    "division_by_zero": (1365,),
    "duplicate_key": (1022, 1062, 1169, 1557, 1586, 1761, 1762),
    "encoding": (1300, 3854),
    "extension_missing": (1286, 1289, 1126),
    "foreign_key": (1216, 1217, 1451, 1452),
    "grouping": (1055, 1056, 1111, 1140),
    "host_refused": (1129, 1130),
    "host_unknown": (2005,),
    "index_exists": (1061,),
    "index_missing": (1091, 1176),
    "invalid_definition": (1067, 1068, 1075, 1167, 1293, 1294, 1074, 1102, 1103, 1166, 1171),
    "invalid_value": (1265, 1292, 1366, 1411, 1525, 3140, 3141, 4038),
    "key_too_long": (1071, 1170, 1709),
    "limit_reached": (1117, 1069, 1070, 1113, 1436, 1153, 1104),
    "lock_wait": (1205, 3572, 1637),
    "name_too_long": (1059,),
    "no_default": (1364,),
    "not_null": (1048, 1138, 1263),
    "object_exists": (1304, 1359, 1537, 1826, 3822),
    "object_missing": (1360, 1539, 1243, 1128, 1449, 3821),
    "out_of_memory": (1037, 1038, 1041),
    "out_of_range": (1264, 1690, 1916),
    "privilege_missing": (1044, 1142, 1143, 1227, 1370, 1410, 1419),
    "raised": (1644,),
    "referenced_key_missing": (1005, 1215, 1239, 1822, 1824, 3734),
    "role_missing": (1133, 1141, 1269, 1396, 3530, 1959),
    "row_count": (1172, 1242),
    "row_too_large": (1118,),
    "server_disk_full": (1021, 1114),
    "server_read_only": (1290, 1792, 1836, 3100),
    "session_ended": (1053, 1152, 1158, 1927, 2006, 2013),
    "statement_cancelled": (1317,),
    "statement_timeout": (1969, 3024),
    "syntax": (1064, 1149, 4161),
    "table_exists": (1050,),
    "table_missing": (1051, 1109, 1146, 4092),
    "tls_failed": (2026,),
    "too_many_connections": (1040, 1203, 1226),
    "type_mismatch": (1210, 1241, 3064),
    "unknown_function": (1305, 1318, 1582, 1584, 1630),
    "unknown_setting": (1193, 1231, 1232, 1238, 1228, 1229),
    "unsupported_feature": (1845, 1846, 1847, 1235, 3108, 1178),
    "value_too_long": (1406,),
    "wrong_object": (1288, 1347, 1348, 1356, 1471, 1906, 3105),
    "wrong_password": (1045, 1698, 1820, 1862, 1251, 2049, 2059, 2061),
}
"""By what the server's numbers mean."""
_BY_NUMBER = {number: reason for reason, numbers in _NUMBERS.items() for number in numbers}

_BY_WORDS: tuple[tuple[int, str, str], ...] = (
    (1064, r"near '(?:DELIMITER|source|\\\\)\b", "client_command"),
    (1103, r"\w{65}", "name_too_long"),
    (1366, r"Incorrect string value", "encoding"),
    (1451, r"a foreign key constraint fails$", "dependent_objects"),
    (2002, r"No such file|socket", "socket_missing"),
    (2003, r"Name or service not known|getaddrinfo|not known|name resolution", "host_unknown"),
    (2003, r"timed out", "no_answer"),
    (2003, r"No such file", "socket_missing"),
)
"""A number and words that say it finer. 1451 without a table's name is a DROP of a table that others refer to."""

_NETWORK: tuple[tuple[str, str], ...] = (
    (r"does not support TLS|SSL connection error: SSL is required|doesn't support SSL", "tls_missing"),
    (r"x509|certificate|tls:|SSL", "tls_failed"),
    (r"no such host|Name or service", "host_unknown"),
    (r"connection refused", "connection_refused"),
    (r"i/o timeout|timed out", "no_answer"),
    (r"no such file", "socket_missing"),
    (r"authentication plugin|old password|cleartext", "wrong_password"),
    (r"invalid connection|bad connection|unexpected EOF|connection reset|broken pipe", "session_ended"),
    (r"malformed packet|protocol|unexpected (?:packet|sequence)|packet sequence", "wrong_protocol"),
)


def reason_of(number: int, said: str) -> str | None:
    """The reason behind a number and the server's words; None where there is none finer than the code."""
    for its_number, words, reason in _BY_WORDS:
        if its_number == number and re.search(words, said, re.IGNORECASE):
            return reason
    return _BY_NUMBER.get(number)


def reason_of_network(said: str) -> str | None:
    """The reason where the driver or the tool speaks, not the server."""
    return next((reason for words, reason in _NETWORK if re.search(words, said, re.IGNORECASE)), None)
