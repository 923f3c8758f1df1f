"""Read: sample -> draft, all that COCO says of one image; and the summary of a part of the input."""
