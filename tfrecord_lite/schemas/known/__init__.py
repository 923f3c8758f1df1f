"""The record schemas of known producers, one file a family."""
