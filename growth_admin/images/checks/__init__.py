"""Checks of an image before it is promoted: what runs in it, and a canary that starts with it."""
