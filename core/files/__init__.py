"""CSV and Parquet files as typed columns in DuckDB; every complaint names file, record and column."""
