"""Versions of datasets: staged, published, restored, deleted, verified again."""
