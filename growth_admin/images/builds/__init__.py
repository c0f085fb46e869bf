"""Images built from the school's source on this machine, with what is in them."""
