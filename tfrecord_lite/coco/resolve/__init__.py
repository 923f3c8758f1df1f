"""Resolve: the summaries of all parts -> categories and ids. Nothing here reads or writes pictures or COCO files."""
