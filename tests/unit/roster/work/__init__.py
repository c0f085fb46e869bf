"""Plans and what becomes of them, without a network."""
