"""PostgreSQL's wire protocol for the engines that speak it: URLs as dbmate reads them, sessions, errors, versions."""
