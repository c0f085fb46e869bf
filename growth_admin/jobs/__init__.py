"""The one job engine: long work with progress, cancel, a log, and a life beyond its server."""
