"""A stand-in for GitHub: people, organizations, teams and the OAuth web flow, over HTTP.

Stateful, and checked against GitHub's published OpenAPI description. ``python -m
growth_admin.deploy.standins.github --help`` starts one; what it does not do by itself (a rename, an
outage, a revoked token) is switched on from outside under ``/_control`` (see `control`).
"""
