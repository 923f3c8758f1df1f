"""Write: drafts and what was resolved -> COCO files and pictures, in one pass."""
