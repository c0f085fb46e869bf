"""Panels inside a notebook: thin widgets whose view is the labextension's own panel.

``widgets.panel()`` shows tabs over all areas that one may use, ``widgets.overview()`` what to look
at before a class, ``widgets.startup()`` the start scripts, ``widgets.upload()`` the place to bring
data to everybody, ``widgets.roster()`` the people and their invitations, ``widgets.images()`` what
students' servers start with. Traits are synced:
``selection``, ``plan_id``, ``job_id`` and ``receipt`` of one cell are there for the next. Without a
widget manager, or with ``widgets.plain = True``, an HTML summary is shown instead.
"""

from growth_admin.widgets.panel import (
    Panel,
    audit,
    datasets,
    images,
    jobs,
    overview,
    panel,
    roster,
    servers,
    startup,
    upload,
)

plain: bool = False
"""Show the HTML summary only; for places that have no JupyterLab, such as an exported notebook."""

__all__ = [
    "Panel",
    "audit",
    "datasets",
    "images",
    "jobs",
    "overview",
    "panel",
    "plain",
    "roster",
    "servers",
    "startup",
    "upload",
]
