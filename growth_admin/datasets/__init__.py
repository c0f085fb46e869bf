"""Datasets: from a link or a file to every student, verified, in versions."""
