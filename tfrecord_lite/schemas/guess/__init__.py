"""Keys that nothing reads -> the roles that they probably play, as options that would read them."""
