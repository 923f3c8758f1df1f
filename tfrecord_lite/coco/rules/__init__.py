"""What is wrong with a COCO file, rule by rule: tables of codes, and small checks beside them, a file a subject.

Checks see the entries of a list block by block, in the order of the file. What all entries of a block have in common is
asked of the whole block at once; only where the answer is not the ordinary one are they looked at one by one.
"""
