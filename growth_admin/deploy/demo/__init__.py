"""A whole school on one machine: stand-in GitHub, a real hub, the real start chain, sample people.

``python -m growth_admin.deploy.demo`` starts it. Nothing leaves the demo's folder, no root is
needed, and nothing of it runs on after it ends.
"""
