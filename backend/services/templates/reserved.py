"""Words that some SQL dialect does not take as a bare name. Data only.

Found by trying: each keyword of PostgreSQL 18, MariaDB and SQLite as the bare name of a table and of a column in
CREATE, SELECT, INSERT, UPDATE and ALTER; what any of them refused is here, with the reserved words that MySQL 8,
ClickHouse, BigQuery and Spanner add. A word too many costs two quotes.
"""

_TEXT = """
    accessible add all alter analyse analyze and anti any array as asc asensitive asof assert_rows_modified
    asymmetric at authorization autoincrement before between bigint binary blob both by call cascade case cast
    change char character check collate collation column commit concurrently condition constraint contains
    continue convert create cross cube cume_dist current_catalog current_date current_role current_schema
    current_time current_timestamp current_user cursor databases date day_hour day_microsecond day_minute
    day_second dec decimal declare default deferrable define delayed delete delete_domain_id dense_rank desc
    describe deterministic distinct distinctrow div do do_domain_ids double drop dual each else elseif empty
    enclosed end engine enum escape escaped except exclude exists exit explain false fetch final first_value float
    float4 float8 following for force foreign format freeze from full fulltext function get global grant
    graph_table group grouping groups hash having high_priority hour_microsecond hour_minute hour_second if ignore
    ignore_domain_ids ilike in index infile initially inner inout insensitive insert int int1 int2 int3 int4 int8
    integer intersect interval into io_after_gtids io_before_gtids is isnull iterate join json_table key keys kill
    lag last_value lateral lead leading leave left library like limit linear lines load localtime localtimestamp
    lock long longblob longtext lookup loop low_priority manual master_bind master_demote_to_replica
    master_demote_to_slave master_ssl_verify_server_cert match maxvalue mediumblob mediumint mediumtext member
    merge middleint minute_microsecond minute_second mod modifies natural new no no_write_to_binlog not nothing
    notnull nth_value ntile null nulls numeric of offset on only optimize optimizer_costs optionally or order out
    outer outfile over overlaps page_checksum parallel parse_vcol_expr partition percent_rank placing portion
    preceding precision prewhere primary procedure proto purge qualify raise range rank read read_write reads real
    recursive ref_system_id references regexp release rename repeat replace require resignal respect restrict
    return returning revoke right rlike rollup row row_number rows sample schemas second_microsecond select semi
    sensitive separator session_user set settings show signal similar smallint some spatial specific sql
    sql_big_result sql_buffer_result sql_cache sql_calc_found_rows sql_no_cache sql_small_result sqlexception
    sqlstate sqlwarning ssl starting stats_auto_recalc stats_persistent stats_sample_pages stored straight_join
    struct symmetric system system_user table tablesample terminated then timestamp tinyblob tinyint tinytext to
    trailing transaction treat trigger true ttl unbounded undo union unique unlock unnest unsigned update usage
    use user using utc_date utc_time utc_timestamp value values varbinary varchar varcharacter variadic varying
    verbose virtual when where while window with within write xor year_month zerofill
"""

RESERVED = frozenset(_TEXT.split())
