"""`csv_aggregate_polars` on one thread: how much of its speed is the number of cores.

polars makes its threads when it is imported; a worker imports nothing else before.
"""

import os

os.environ["POLARS_MAX_THREADS"] = "1"

from workloads.csv_aggregate_polars import csv_aggregate  # noqa: E402

__all__ = ["csv_aggregate"]
