"""Run machinery: a client's stages as executed notebooks in a run folder; it knows no statistics.

Nothing is imported here, so that `cxlib.runs.folder` stays light for notebooks and pages.
"""
