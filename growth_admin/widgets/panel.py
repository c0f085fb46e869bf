"""The one widget model; ``area`` says which panel its view shows."""

from __future__ import annotations

from typing import Any, Final

from ipywidgets import DOMWidget
from traitlets import Dict, List, Unicode

from growth_admin import __version__
from growth_admin.widgets.summary import as_html, summarise

MODULE: Final = "growth-admin"
WIDGET_VIEW: Final = "application/vnd.jupyter.widget-view+json"


class Panel(DOMWidget):  # type: ignore[misc]  # ipywidgets has no types
    """A panel of growth-admin in a cell.

    ``selection`` holds the keys of the chosen rows, ``plan_id``, ``job_id`` and ``receipt`` what
    was planned, started and done here last. No trait ever holds a secret.
    """

    _model_name = Unicode("PanelModel").tag(sync=True)
    _view_name = Unicode("PanelView").tag(sync=True)
    _model_module = Unicode(MODULE).tag(sync=True)
    _view_module = Unicode(MODULE).tag(sync=True)
    _model_module_version = Unicode(f"^{__version__}").tag(sync=True)
    _view_module_version = Unicode(f"^{__version__}").tag(sync=True)

    area = Unicode("panel", help="the panel to show, or 'panel' for tabs over all").tag(sync=True)
    filter = Unicode("", help="text of the filter box").tag(sync=True)
    selection = List(Unicode(), help="keys of the chosen rows").tag(sync=True)
    plan_id = Unicode("", help="the plan that was made last").tag(sync=True)
    job_id = Unicode("", help="the job that was started last").tag(sync=True)
    receipt = Dict(help="what was done last").tag(sync=True)

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        from growth_admin import widgets

        bundle: dict[str, Any] = super()._repr_mimebundle_(**kwargs) or {}
        summary = summarise(self.area)
        bundle["text/plain"] = summary.title
        bundle["text/html"] = as_html(summary)
        if widgets.plain:
            bundle.pop(WIDGET_VIEW, None)
        return bundle


def panel() -> Panel:
    """Return tabs over all areas that one may use."""
    return Panel(area="panel")


def overview() -> Panel:
    """Return the school-day page: what to look at before the class comes."""
    return Panel(area="overview")


def startup() -> Panel:
    """Return the start scripts' panel."""
    return Panel(area="startup")


def datasets() -> Panel:
    """Return the panel of the datasets."""
    return Panel(area="datasets")


def upload() -> Panel:
    """Return the place to give a link or drop files, and the jobs that publish them.

    A job goes on when the notebook is closed; run the cell again to see how far it is.
    """
    return Panel(area="upload")


def roster() -> Panel:
    """Return the panel of the people: teams, invitations, import of lists."""
    return Panel(area="roster")


def servers() -> Panel:
    """Return the servers' panel."""
    return Panel(area="servers")


def images() -> Panel:
    """Return the images' panel: packages, builds, promote, roll back, and who runs what."""
    return Panel(area="images")


def jobs() -> Panel:
    """Return the jobs' panel."""
    return Panel(area="jobs")


def audit() -> Panel:
    """Return the panel of who changed what."""
    return Panel(area="audit")
