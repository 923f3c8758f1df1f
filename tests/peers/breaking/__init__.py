"""Who breaks on what: every reader on one file a defect, as a table."""
