"""Datasets as they cross the wire."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from growth_admin.core.paths import DATASET_NAME
from growth_admin.core.schema import Model, Moment

SourceKind = Literal["drive", "http", "zenodo", "upload", "path", "unknown"]
Delivery = Literal["link", "copy"]
ReceiptState = Literal["current", "behind", "edited", "partial", "missing"]
NAME_PATTERN = rf"^{DATASET_NAME}$"
NAME_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
RESERVED_NAMES = ("probes", "plans", "applications", "uploads", "receipts", "space")
"""Words that stand in the place of a name in the routes."""

Name = Annotated[str, Field(pattern=NAME_PATTERN, description="name of a dataset")]
VersionId = Annotated[str, Field(pattern=r"^v[1-9][0-9]{0,8}$", description="for example v3")]


# -- look before anything is fetched


class ProbeRequest(Model):
    """A link, an upload (``upload:<id>``) or a path on the hub."""

    link: str = Field(min_length=1, max_length=4096)
    name: str = Field(default="", max_length=64, description="the dataset's name, if chosen")


class ProbedFile(Model):
    """One of the files that were found."""

    path: str
    size_bytes: int | None = None
    checksum: str = Field(default="", description="<algorithm>:<hex> as the source says, if any")


class Probe(Model):
    """What a link stands for, and what fetching it would mean."""

    link: str = Field(description="the link in its plain form, without secrets")
    kind: SourceKind
    title: str = Field(description="what it is, in words")
    suggested_name: str
    is_folder: bool
    files: int = Field(description="how many were found so far")
    is_complete: bool = Field(description="whether all were counted within the limit")
    size_bytes: int | None = Field(description="all files together, if the source says")
    checksum: str = Field(default="", description="of a single file, as the source says")
    files_with_checksum: int = 0
    modified: str = Field(default="", description="as the source says")
    archive: str = Field(
        default="",
        description="format, if it can be unpacked: zip, tar.gz ...; of a folder's first",
    )
    archives: int = Field(default=0, description="files that can be unpacked, by their names")
    credential: str = Field(default="none", description="how the source is asked")
    sample: tuple[ProbedFile, ...] = Field(default=(), description="the first files")
    warnings: tuple[str, ...] = ()
    free_bytes: int = Field(description="on the shared disk now")
    free_after_bytes: int | None = Field(description="estimate; unpacked too, if it is one archive")
    replaces: str = Field(default="", description="current version under this name, if any")
    replaces_size_bytes: int | None = None


# -- changes


class PublishChange(Model):
    """Fetch, verify, unpack, publish."""

    action: Literal["publish"] = "publish"
    link: str = Field(min_length=1, max_length=4096)
    name: Name
    extract: bool = Field(default=False, description="unpack archives")
    checksum: str = Field(default="", max_length=200, description="expected, for a single file")
    delivery: Delivery = Field(
        default="link", description="what students get: a link, or a copy that they may edit"
    )
    connections: int = Field(default=1, ge=1, le=16, description="parallel ranges of one file")
    limit_bytes_per_s: int | None = Field(default=None, ge=1024, description="bandwidth limit")
    note: str = Field(default="", max_length=500)


class RestoreChange(Model):
    """Make an earlier version current again."""

    action: Literal["restore"] = "restore"
    name: Name
    version: VersionId


class DeleteChange(Model):
    """Delete one version, or with no version the whole dataset."""

    action: Literal["delete"] = "delete"
    name: Name
    version: VersionId | Literal[""] = ""
    free_now: bool = Field(default=False, description="do not keep it for an undo")


Change = Annotated[PublishChange | RestoreChange | DeleteChange, Field(discriminator="action")]


class ChangePlanRequest(Model):
    """What to plan."""

    change: Change


class ChangeApplication(Model):
    """A plan that was shown and is to be done."""

    plan_id: str = Field(min_length=1, max_length=64)
    change: Change


class RestorationRequest(Model):
    """Swap at once, if the current version is still the one named."""

    version: VersionId
    replaces: str = Field(default="", max_length=16, description="what must be current now")


class UndeletionRequest(Model):
    """Take a deleted version, or with no version the whole dataset, out of the trash."""

    version: VersionId | Literal[""] = ""


class VerificationRequest(Model):
    """Which version to hash again; empty: the current one."""

    version: VersionId | Literal[""] = ""


# -- what there is


class SourceRecord(Model):
    """Where a version came from. Holds no secret."""

    kind: SourceKind
    link: str
    title: str = ""
    validator: str = ""


class Check(Model):
    """What hashing a version again found."""

    time: Moment
    by: str
    files: int
    damaged: int = Field(description="files whose content differs from the manifest")
    missing: int
    added: int = Field(description="files that the manifest does not name")
    examples: tuple[str, ...] = Field(default=(), description="the first paths that are not right")

    @property
    def is_good(self) -> bool:
        """Whether every file is as it was published."""
        return not (self.damaged or self.missing or self.added)


class Version(Model):
    """One published version of a dataset."""

    name: str
    version: str
    is_current: bool = False
    published: Moment
    published_by: str
    size_bytes: int
    files: int
    source: SourceRecord
    verified_with: str = Field(
        description="algorithm that matched the source's; empty: unverified against source"
    )
    sha256: str = Field(default="", description="of the single file, if it is one")
    manifest_sha256: str = Field(description="of MANIFEST.json")
    is_extracted: bool = False
    delivery: Delivery = "link"
    note: str = ""
    deleted: Moment | None = Field(default=None, description="when it was put in the trash")
    last_check: Check | None = None


class ReceiptCounts(Model):
    """How many students are where, of those who have ever started.

    ``behind`` have an earlier version or, if it was published after their last start, none yet.
    ``missing`` have none, although their server has started since.
    """

    current: int = 0
    behind: int = 0
    edited: int = 0
    partial: int = 0
    missing: int = 0


class Dataset(Model):
    """What is published under one name."""

    name: str
    current: str = Field(description="version, empty if none is")
    path: str = Field(description="where students read it")
    is_managed: bool = Field(
        default=True, description="whether it was published here; otherwise a plain folder"
    )
    delivery: Delivery = "link"
    size_bytes: int = Field(description="of all versions that are kept, the trash included")
    versions: tuple[Version, ...] = Field(description="newest first, those in the trash last")
    receipts: ReceiptCounts = ReceiptCounts()


class SpacePart(Model):
    """Bytes by dataset; ``what`` says which of its bytes."""

    name: str
    what: Literal["current", "earlier", "trash", "staging", "unmanaged"]
    size_bytes: int


class Space(Model):
    """The shared disk."""

    total_bytes: int
    free_bytes: int
    parts: tuple[SpacePart, ...]


class DatasetList(Model):
    """All datasets, by name."""

    datasets: tuple[Dataset, ...]
    space: Space
    problems: tuple[str, ...] = Field(
        default=(), description="what cannot be read or tidied up; the rest is shown all the same"
    )
    as_of: Moment


# -- receipts


class ReceiptRow(Model):
    """What one student has of one dataset, as the student's last start (or command) left it."""

    user: str = Field(description="name in the container")
    state: ReceiptState
    version: str = Field(default="", description="version that the student has, if any")
    delivery: Delivery = "link"
    time: Moment
    edited_files: int = 0
    detail: str = ""


class ReceiptTable(Model):
    """Students by name."""

    name: str
    current: str
    rows: tuple[ReceiptRow, ...]
    counts: ReceiptCounts
    unreadable: int = Field(default=0, description="receipts that could not be read")


# -- uploads


class Upload(Model):
    """A file from somebody's laptop that is on its way, or waits to be published."""

    id: str
    file_name: str
    size_bytes: int
    offset_bytes: int
    created: Moment
    created_by: str
    is_complete: bool
    relative_path: str = Field(default="", description="its place in a folder that was dropped")
    batch: str = Field(default="", description="uploads of one drop share it")
    sha256: str = Field(default="", description="once complete")


class UploadList(Model):
    """Uploads, newest first."""

    uploads: tuple[Upload, ...]
    publishing: dict[str, str] = Field(
        default_factory=dict,
        description="links that jobs publish which have not ended, with the job's id; what they "
        "stand for cannot be deleted",
    )
