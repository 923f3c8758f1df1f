"""Input -> samples: files, parts, and what a user takes of them."""
