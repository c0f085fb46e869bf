"""Which workflow builds, and how long it is waited for."""

from __future__ import annotations

from traitlets import Float, Unicode
from traitlets.config import LoggingConfigurable


class ImageActions(LoggingConfigurable):
    """The workflow of the image's repository (``ImageSource.repository``), which builds it."""

    workflow = Unicode(
        "image.yml",
        help="File of the workflow, in .github/workflows of the repository. It must take the "
        "inputs of the one that is shipped (image/.github/workflows/image.yml), and name its "
        "images as that does: git- and twelve digits of the commit.",
    ).tag(config=True)
    report = Unicode(
        "report", help="Name of the run's artifact that says what is in the image."
    ).tag(config=True)
    poll_s = Float(
        5.0, min=0.05, help="Seconds between two looks at a run; each is two questions to GitHub."
    ).tag(config=True)
    build_timeout_s = Float(
        7200.0, min=1, help="Seconds that a run may take before it is cancelled."
    ).tag(config=True)
    outage_limit_s = Float(
        1800.0,
        min=1,
        help="Seconds that GitHub or the registry may be away while a run is followed. The run "
        "itself goes on meanwhile.",
    ).tag(config=True)
