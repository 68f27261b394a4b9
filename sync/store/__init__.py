"""The operational store: runs, leases, the journal, dead letters, spent calls."""
