"""``demo``: a small dataset, drawn, written as records, and converted."""
