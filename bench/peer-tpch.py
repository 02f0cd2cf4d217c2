"""Runs TPC-H with another engine, all queries as often as asked: peer-tpch.py duckdb|datafusion|polars|pyspark THREADS DATA QUERIES.json RUNS"""
import json
import os
import sys
import time

engine, threads, data, queries, runs = sys.argv[1:]
TABLES = ['customer', 'lineitem', 'nation', 'orders', 'part', 'partsupp', 'region', 'supplier']


def with_duckdb():
    import duckdb

    db = duckdb.connect()
    db.execute(f'set threads = {int(threads)}')
    for table in TABLES:
        db.execute(f"create view {table} as from '{data}/{table}.parquet'")
    return lambda sql: len(db.execute(sql).fetchall()), lambda: None


def with_datafusion():
    from datafusion import SessionConfig, SessionContext

    db = SessionContext(SessionConfig().with_target_partitions(int(threads)))
    for table in TABLES:
        db.register_parquet(table, f'{data}/{table}.parquet')
    return lambda sql: sum(batch.num_rows for batch in db.sql(sql).collect()), lambda: None


def with_polars():
    os.environ['POLARS_MAX_THREADS'] = threads
    import polars as pl

    db = pl.SQLContext({table: pl.scan_parquet(f'{data}/{table}.parquet') for table in TABLES})
    return lambda sql: db.execute(sql).collect(engine='streaming').height, lambda: None


def with_spark():
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    spark = (
        SparkSession.builder.master(f'local[{threads}]')
        .config('spark.ui.enabled', 'false')
        .config('spark.driver.memory', '8g')
        .config('spark.sql.shuffle.partitions', '8')
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel('OFF')
    for table in TABLES:
        spark.read.parquet(f'{data}/{table}.parquet').createOrReplaceTempView(table)

    def stop():
        java = SparkContext._gateway.proc
        spark.stop()
        # Its CPU time is told only of a process that was waited for.
        java.stdin.close()
        java.wait()

    return lambda sql: len(spark.sql(sql).collect()), stop


run_query, stop = {'duckdb': with_duckdb, 'datafusion': with_datafusion, 'polars': with_polars, 'pyspark': with_spark}[engine]()
texts = json.load(open(queries))
for run in range(1, int(runs) + 1):
    for query, sql in texts.items():
        start = time.perf_counter()
        try:
            rows = run_query(sql)
        except Exception:
            # Not every engine knows every form of subquery.
            continue
        print(json.dumps({'query': query, 'run': run, 'seconds': time.perf_counter() - start, 'rows': rows}), flush=True)
stop()
