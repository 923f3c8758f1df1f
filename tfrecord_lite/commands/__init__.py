"""The command line: arguments in, call the library, print."""
