"""The work of work-session.ts with Spark, in one session: peer-spark.py WORK THREADS DATA OUTPUT RUNS. A line of JSON a run."""
import json
import sys
import time

from pyspark import SparkContext
from pyspark.sql import SparkSession, functions as F

work, threads, data, output, runs = sys.argv[1:]
spark = (
    SparkSession.builder.master(f'local[{threads}]')
    .config('spark.ui.enabled', 'false')
    .config('spark.driver.memory', '8g')
    .config('spark.sql.shuffle.partitions', '512' if work == 'shuffle' else '8')
    .config('spark.sql.adaptive.enabled', 'false' if work == 'shuffle' else 'true')
    .getOrCreate()
)
spark.sparkContext.setLogLevel('OFF')


def lineitem():
    return spark.read.parquet(f'{data}/lineitem.parquet')


def counted(key):
    return [[r['k'], r['count']] for r in lineitem().select(key.alias('k')).groupBy('k').count().collect()]


def sort():
    lineitem().orderBy('l_extendedprice', 'l_orderkey').write.mode('overwrite').parquet(output)
    return []


def repartition():
    lineitem().repartition(64, 'l_partkey').write.mode('overwrite').parquet(output)
    return []


def shuffle():
    rows = spark.range(0, 20_000_000, 1, 64).repartition(512, 'id').groupBy((F.col('id') % 1000).alias('k')).count().collect()
    return [[str(r['k']), r['count']] for r in rows]


marked = F.udf(lambda mode, quantity: mode.lower() + ('!' if quantity > 25 else ''), 'string')
WORKS = {
    'sort': sort,
    'repartition': repartition,
    'shuffle': shuffle,
    'udf': lambda: counted(marked('l_shipmode', F.col('l_quantity').cast('double'))),
}
for run in range(1, int(runs) + 1):
    start = time.perf_counter()
    rows = WORKS[work]()
    print(json.dumps({'work': work, 'run': run, 'seconds': time.perf_counter() - start, 'rows': rows}), flush=True)
java = SparkContext._gateway.proc
spark.stop()
# Its CPU time is told only of a process that was waited for.
java.stdin.close()
java.wait()
