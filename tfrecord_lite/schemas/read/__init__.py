"""Example -> Sample: what each role's values become, one file a part of the sample."""
