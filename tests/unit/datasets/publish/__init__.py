"""Versions of datasets: published, restored, deleted, verified; killed, raced, starved."""
