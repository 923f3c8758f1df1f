"""The TFRecord format: framing, checksums, compression, recovery."""
