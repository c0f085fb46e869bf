"""Images: what is in them, which one students get, and how to take that back."""
