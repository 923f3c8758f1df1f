"""Label maps of every kind -> which class a number or a text of a record means.

``model`` is the result; ``load`` reads one, ``discover`` finds candidates alongside record files, and ``choose``
takes the one that agrees with the classes of the records.
"""
