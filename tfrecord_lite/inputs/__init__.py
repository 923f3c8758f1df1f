"""What a user names -> files."""
