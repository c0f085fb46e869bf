"""What organisers tell students inside their Lab. A student's server imports this package."""
