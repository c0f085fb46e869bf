"""Fetching: bytes of a source into a staging folder, resumable, verified, never half."""
