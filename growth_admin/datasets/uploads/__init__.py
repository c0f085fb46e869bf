"""Files from the laptop, by the tus protocol."""
