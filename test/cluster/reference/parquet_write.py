"""Writes the same table once for each codec and encoding: strings that repeat, nulls, whole numbers and doubles."""
import sys

import pyarrow as pa
import pyarrow.parquet as pq

ids = list(range(1000))
table = pa.table({
    "id": pa.array(ids, pa.int64()),
    "name": pa.array([None if i % 7 == 0 else f"name {i % 5}" for i in ids]),
    "x": pa.array([None if i % 11 == 0 else i / 4 for i in ids]),
})
for codec in ["none", "snappy", "zstd", "gzip", "lz4"]:
    for dictionary in [True, False]:
        name = f"{sys.argv[1]}/{codec}-{dictionary}.parquet"
        pq.write_table(table, name, compression=codec, use_dictionary=dictionary, row_group_size=300)
