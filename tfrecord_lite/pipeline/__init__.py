"""Work over whole inputs: convert, inspect, verify; reading one shard; tasks and the pool that does them."""
