"""What every start did: read from the records of our start chain, or from plain logs."""
