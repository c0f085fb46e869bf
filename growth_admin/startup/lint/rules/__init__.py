"""The faults that hurt a class, one module per kind of harm; each rule reads a ``Script``."""
