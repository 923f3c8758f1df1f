"""Samples in, COCO out: the files, the masks and the rules they keep."""
