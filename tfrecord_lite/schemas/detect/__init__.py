"""The first records of a file -> how all of them are read (``choice``), and what decides it.

``evidence`` says which keys there are, ``images`` what the key of the image holds, ``box_order`` and ``units`` what the
numbers of boxes are; ``suspects`` are keys that nothing reads, of which ``words`` say what they may hold.
"""
