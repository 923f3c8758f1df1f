"""Example -> Sample: record layouts, how they are recognised, and how they are read."""
