"""Fetching an image on every node before the class starts."""
