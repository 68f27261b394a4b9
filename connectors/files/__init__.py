"""A folder of CSV or Parquet files."""
