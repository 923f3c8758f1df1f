"""``compare``: two datasets -> what differs between them by meaning."""
