"""Label maps of every kind -> which class a number or a text of a record means.

``model`` is what comes of them; ``load`` reads one, ``discover`` finds candidates beside record files, and ``choose``
takes the one that agrees with the classes of the records.
"""
