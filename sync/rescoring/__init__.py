"""Models run inside the data file: once in full, then for those who changed."""
