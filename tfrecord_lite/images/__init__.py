"""Encoded images: size and format from the header; decoding."""
