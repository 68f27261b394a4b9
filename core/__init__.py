"""Shared vocabulary: what every floor above may import, and nothing that does I/O against a vendor."""
