"""Ratios of scoring to the bare work on the same data, in the same process."""
