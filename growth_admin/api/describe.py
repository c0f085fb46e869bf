"""``python -m growth_admin.api.describe`` prints the OpenAPI description of all routes."""

from __future__ import annotations

import json
import sys

from growth_admin.api.openapi import describe
from growth_admin.routes import all_routes

if __name__ == "__main__":
    json.dump(describe(all_routes()), sys.stdout, indent=1)
    sys.stdout.write("\n")
