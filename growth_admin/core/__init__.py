"""What every room stands on: errors, permissions, schema, paths, files, processes, audit, plans."""
