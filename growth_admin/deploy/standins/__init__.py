"""Small real servers in the place of services that a demo or a test cannot reach."""
