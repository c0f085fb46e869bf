"""What the school's image is made of: its lists of packages, checked, changed and taken back."""
