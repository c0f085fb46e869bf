"""Users' servers: see them, start, stop and restart them through the hub."""
