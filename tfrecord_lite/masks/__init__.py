"""Masks: run lengths, polygons, pixels."""
