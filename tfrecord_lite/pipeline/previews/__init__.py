"""``preview``: samples of a dataset as a page, a sheet or a folder of pictures."""
