"""Keys that nothing reads -> the roles that they probably play, as options that would read them.

``roles`` asks for one content after the other, each in a module of its own: ``boxes``, ``outlines`` (keypoints and
masks), ``image`` and ``classes``. They look at what one record holds (``held``), ``lists`` at several records together;
what comes of it is a ``guess``.
"""
