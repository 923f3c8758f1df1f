"""What a user names -> files.

``discover`` finds them. ``storage`` opens them, each in its ``place``: the file system, or over a link the ``web``, one
of the ``object_stores``, or what ``by_fsspec`` knows. ``ranged`` keeps a link busy while a file is read.
"""
