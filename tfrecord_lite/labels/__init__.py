"""Label maps of every kind -> which class a number or a text of a record means.

``items`` is what comes of them; ``files`` reads one, ``sidecars`` finds those beside record files.
"""
