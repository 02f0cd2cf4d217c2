"""Counts words with another engine: peer-wordcount.py duckdb|polars|pyspark spaces|word-characters THREADS OUTPUT.csv FILE..."""
import os
import sys

engine, words, threads, output, *files = sys.argv[1:]


def with_duckdb():
    import duckdb

    split = {
        'spaces': "string_split(line, ' ')",
        'word-characters': r"regexp_split_to_array(lower(line), '\W+')",
    }[words]
    db = duckdb.connect()
    db.execute(f'set threads = {int(threads)}')
    # One column: no line holds the delimiter, and nothing is quoted.
    source = r"read_csv($files, columns = {'line': 'varchar'}, delim = '\0', quote = '', escape = '', header = false, auto_detect = false)"
    lines = db.execute(
        f"""
        copy (
          select word, count(*) as n from (select unnest({split}) as word from {source})
          where word <> '' group by word order by n desc, word
        ) to $output (format csv, header false)
        """,
        {'files': files, 'output': output},
    )
    lines.fetchall()


def with_polars():
    os.environ['POLARS_MAX_THREADS'] = threads
    import polars as pl

    line = pl.col('line')
    split = {
        'spaces': lambda: line.str.split(' '),
        'word-characters': lambda: line.str.to_lowercase().str.extract_all('[0-9a-z_]+'),
    }[words]()
    (
        pl.scan_csv(files, has_header=False, separator='\x01', quote_char=None, new_columns=['line'])
        .select(split.explode().alias('word'))
        .drop_nulls()
        .group_by('word')
        .agg(pl.len().alias('n'))
        .sort(['n', 'word'], descending=[True, False])
        .collect(engine='streaming')
        .write_csv(output, include_header=False)
    )


def with_spark():
    from pyspark import SparkContext
    from pyspark.sql import SparkSession, functions as F

    spark = (
        SparkSession.builder.master(f'local[{threads}]')
        .config('spark.ui.enabled', 'false')
        .config('spark.driver.memory', '8g')
        .config('spark.sql.shuffle.partitions', '8')
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel('OFF')
    line = F.col('value')
    split = {'spaces': lambda: F.split(line, ' '), 'word-characters': lambda: F.split(F.lower(line), r'\W+')}[words]()
    (
        spark.read.text(files)
        .select(F.explode(split).alias('word'))
        .where("word <> ''")
        .groupBy('word')
        .agg(F.count('*').alias('n'))
        .orderBy(F.desc('n'), 'word')
        .write.csv(output)
    )
    java = SparkContext._gateway.proc
    spark.stop()
    # Its CPU time is told only of a process that was waited for.
    java.stdin.close()
    java.wait()


{'duckdb': with_duckdb, 'polars': with_polars, 'pyspark': with_spark}[engine]()
