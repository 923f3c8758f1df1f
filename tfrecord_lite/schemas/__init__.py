"""Example -> Sample: record schemas, how they are recognised, and how they are read."""
