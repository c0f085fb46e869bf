"""Which student has which version."""
