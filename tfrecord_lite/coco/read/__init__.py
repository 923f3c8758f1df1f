"""The way back: COCO files -> samples."""
