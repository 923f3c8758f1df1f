"""Where the parts of an output go: staging, publication, safe and unique file names."""
