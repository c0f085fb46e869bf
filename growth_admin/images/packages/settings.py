"""Where the image's source lies, and who is asked about packages."""

from __future__ import annotations

import os
import re
from typing import Final
from urllib.parse import urlsplit

from traitlets import Enum, Float, TraitError, Unicode, default, validate
from traitlets.config import LoggingConfigurable

REPOSITORY: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/[A-Za-z0-9._-]{1,100}")
VERSION: Final = re.compile(r"[0-9]{1,2}\.[0-9]{1,3}(\.[0-9]{1,3}((a|b|rc)[0-9]{1,2})?)?")
"""A Python, with or without its bug fix release (PEP 440, as far as Pythons use it)."""


class ImageSource(LoggingConfigurable):
    """The folder that the school's image is built from, and the indexes of its packages."""

    folder = Unicode(
        "",
        help="Folder with the image's source: Dockerfile, packages/pip.txt, conda.txt and apt.txt. "
        "Writable for admins only. Empty: image/ in the admin folder.",
    ).tag(config=True)
    repository = Unicode(
        "",
        help="Repository at GitHub with the image's source in its root, as OWNER/NAME: changes "
        "become pull requests there, and its workflow builds the image (image/README.md). Asked "
        "with the credential of the roster (GitHub.app_id or GitHub.token_file), which then needs "
        "the repository permissions Contents, Pull requests and Actions, each read and write. "
        "Empty: the source is a folder, and images are built on this server.",
    ).tag(config=True)
    branch = Unicode(
        "", help="Branch of the repository that is built. Empty: its default branch."
    ).tag(config=True)
    merge_method = Enum(
        ("squash", "merge", "rebase"),
        "squash",
        help="How a pull request is merged from here; the repository's settings must allow it.",
    ).tag(config=True)
    index_url = Unicode(
        help="The Python index that is asked whether a package exists: the address of a Simple "
        "API, which ends with /simple/. Default: the environment variable PIP_INDEX_URL, or the "
        "public index. Use the one that builds use.",
    ).tag(config=True)
    conda_channel = Unicode(
        "",
        help="Address of the conda channel that packages of conda.txt come from, for example "
        "https://conda.anaconda.org/conda-forge. Empty: only their form is checked, and none is "
        "tried in a running server. It needs py-rattler (growth-admin[images]).",
    ).tag(config=True)
    python_version = Unicode(
        "",
        help="The image's Python, for example 3.13; packages have to fit it. Empty: that of the "
        "image that was built last, or else this server's own.",
    ).tag(config=True)
    timeout_s = Float(
        15.0, min=0.1, help="Seconds to wait for an index before the connection counts as cut."
    ).tag(config=True)
    resolve_timeout_s = Float(
        60.0,
        min=1,
        help="Seconds that the dry run of an installation may take, and a channel's answer.",
    ).tag(config=True)

    @default("index_url")
    def _index_of_environment(self) -> str:
        from pypi_simple import PYPI_SIMPLE_ENDPOINT  # loaded when somebody asks

        return os.environ.get("PIP_INDEX_URL", "") or PYPI_SIMPLE_ENDPOINT

    @validate("python_version")
    def _two_or_three_numbers(self, proposal: dict[str, str]) -> str:
        said = proposal["value"].strip()
        if said and not VERSION.fullmatch(said):
            raise TraitError(
                f"c.ImageSource.python_version: {said[:40]!r} is not the version of a Python; "
                "write it as 3.13, or leave it empty."
            )
        return said

    @validate("repository")
    def _owner_and_name(self, proposal: dict[str, str]) -> str:
        said = proposal["value"].strip().removesuffix(".git")
        if said and not REPOSITORY.fullmatch(said):
            raise TraitError(
                f"c.ImageSource.repository: {said[:80]!r} is not the name of a repository; write "
                "it as school/image, or leave it empty."
            )
        return said

    @validate("index_url")
    def _with_a_slash(self, proposal: dict[str, str]) -> str:
        return proposal["value"].rstrip("/") + "/"

    @property
    def index_host(self) -> str:
        """The index's host, for messages: the address itself may hold a login."""
        return urlsplit(self.index_url).hostname or "the index"

    @property
    def channel_host(self) -> str:
        """The channel's host, for messages; a channel that is only a name is told as it is."""
        is_address = "/" in self.conda_channel
        host = urlsplit(self.conda_channel).hostname if is_address else self.conda_channel
        return host or "the channel"
