"""Example -> Sample: what each role's values become, one file for each part of the sample.

Arguments that readers have in common: ``findings`` gets what is worth a note, ``refused`` why objects are left out;
``scale`` is pixels of one unit of x and of y, ``size`` width and height of the image in pixels.
"""
