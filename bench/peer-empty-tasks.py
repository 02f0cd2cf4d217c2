"""Runs tasks that do nothing with Spark: peer-empty-tasks.py TASKS THREADS. Prints the seconds of the job alone."""
import sys
import time

from pyspark import SparkContext
from pyspark.sql import SparkSession

tasks, threads = map(int, sys.argv[1:])
spark = SparkSession.builder.master(f'local[{threads}]').config('spark.ui.enabled', 'false').getOrCreate()
spark.sparkContext.setLogLevel('OFF')
start = time.time()
rows = spark.range(0, tasks, 1, tasks).where('id < 0').collect()
print(time.time() - start)
assert rows == []
java = SparkContext._gateway.proc
spark.stop()
# Its CPU time is told only of a process that was waited for.
java.stdin.close()
java.wait()
