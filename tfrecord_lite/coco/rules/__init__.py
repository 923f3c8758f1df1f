"""What is wrong with a COCO file, rule by rule: tables of codes, and the checks that go with them, a module a subject.

Checks see the entries of a list block by block, in the order of the file. A check first asks whether the whole block is
ordinary, and looks at entries one by one only if it is not.
"""
