"""``convert``: plan, read, decide, write, publish; in one process, by workers, or on many machines."""
