"""`csv_aggregate` by polars, apart so that only this candidate pays for the import.

Lazily, as its documentation advises: only the three columns are read, so that nothing else of the file is checked.
It uses all cores; `csv_aggregate_polars_one_thread` is the same on one.
"""

import polars


def csv_aggregate(path: str) -> list:
    """Name, number of records, sum of amounts and mean of weights of every region."""
    frame = (
        polars.scan_csv(
            path,
            schema_overrides={"region": polars.String, "amount": polars.Int64, "weight": polars.Float64},
        )
        # An empty field is a missing value, unless told otherwise by an option whose name depends on the version.
        .group_by(polars.col("region").fill_null(""))
        .agg(
            polars.len().cast(polars.Int64),
            polars.col("amount").sum(),
            polars.col("weight").sum() / polars.len(),
        )
        .sort("region")
        .collect()
    )
    return frame.rows()
