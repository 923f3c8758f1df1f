"""Where the parts of an output go.

``target`` says what goes where, and ``filenames`` what images are called. ``stage`` describes how an output is
published, with ``lock``, ``journal``, ``renames`` and ``fsync`` for the steps; ``remote`` does the same at a URL.
"""
