"""`csv_aggregate` by pandas, apart so that only this candidate pays for the import.

Left alone, pandas reads a region called `NA`, `null` or `nan`, or none, as a missing value, and drops its records from
every group.
"""

import pandas


def csv_aggregate(path: str) -> list:
    """Name, number of records, sum of amounts and mean of weights of every region."""
    frame = pandas.read_csv(
        path,
        usecols=["region", "amount", "weight"],
        dtype={"region": str, "amount": "int64", "weight": "float64"},
        na_filter=False,
    )
    groups = frame.groupby("region", sort=False)
    table = groups.agg(count=("amount", "size"), amounts=("amount", "sum"), weights=("weight", "sum")).sort_index()
    means = table["weights"] / table["count"]
    return list(zip(table.index.tolist(), table["count"].tolist(), table["amounts"].tolist(), means.tolist()))
