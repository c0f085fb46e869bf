"""The school's image repository at GitHub: its branch, its pull requests, the runs of its workflow.

The words here are GitHub's; what they mean for the image is in ``packages`` and ``builds``.
"""
