"""``inspect``: what record files hold, what a conversion would say of them, and how to call it."""
