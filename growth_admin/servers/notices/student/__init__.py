"""The student's part: what each server runs of the notices, also without any area.

Standard library and what a Jupyter server has loaded already; nothing else of ours.
"""
