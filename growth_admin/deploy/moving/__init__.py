"""A school that was there before growth-admin: its shared folders taken over as they stand.

No content changes, nothing is deleted, nobody becomes another file's owner: what changes are the
groups and modes that the console's walls stand on, and the folders that it needs. ``planning``
says what would change, ``applying`` does it and takes it back, ``tree`` proves by an inventory
from before and one from after that nothing else is different. MOVING.md is the way through it.
"""
