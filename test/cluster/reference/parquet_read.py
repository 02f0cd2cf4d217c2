"""The rows of a directory of Parquet files, in the order of their id, as JSON."""
import json
import sys

import pyarrow.parquet as pq

table = pq.read_table(sys.argv[1]).sort_by("id")
print(json.dumps(table.to_pylist(), default=str))
