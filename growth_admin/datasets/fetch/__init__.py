"""Bytes from a source to the staging folder: resumed, verified, in parallel."""
