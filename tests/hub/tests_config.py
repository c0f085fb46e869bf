"""What tests add to the hub's configuration: a service through which they act as the school."""

import os

c = get_config()  # noqa: F821  (JupyterHub provides it)
c.JupyterHub.services = [{"name": "tests", "api_token": os.environ["TESTS_TOKEN"]}]
c.JupyterHub.load_roles = [
    *c.JupyterHub.load_roles,
    {
        "name": "tests",
        "scopes": ["admin:users", "admin:servers", "admin:groups", "tokens", "shares", "read:hub"],
        "services": ["tests"],
    },
]
