"""What a school needs around the extension: the hub's configuration, a local school, stand-ins."""
