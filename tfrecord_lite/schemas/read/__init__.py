"""Example -> Sample: what each role's values become, one file for each part of the sample."""
