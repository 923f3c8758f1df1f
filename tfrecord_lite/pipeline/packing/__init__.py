"""``pack``: COCO datasets -> record files."""
