"""Stands before the package of this name on the demo's import path, and says it is not there.

The real one builds a large grammar when imported, three seconds of work for each hub and each
server, only so that jsonschema can check the format of internationalised addresses in events.
jsonschema does without it when it cannot be imported.
"""

raise ImportError("left out of the demo, to start quickly")
