"""Packages that an organiser tries in the own running server; nothing of it lasts."""
