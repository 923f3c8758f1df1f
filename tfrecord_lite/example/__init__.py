"""Payload -> Example: protobuf messages in a pool of their own, features by key."""
