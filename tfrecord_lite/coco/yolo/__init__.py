"""YOLO labels, written beside or in place of COCO files."""
