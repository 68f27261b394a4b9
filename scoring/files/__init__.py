"""``score --data``: a folder of CSV or Parquet as typed tables, and the numbers of it."""
