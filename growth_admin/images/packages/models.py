"""Lists of packages, as this part shows and takes them."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field

from growth_admin.core.errors import InvalidInput
from growth_admin.core.plan import Plan, Receipt
from growth_admin.core.schema import Model, Moment

ListName = Literal["pip", "conda", "apt"]
FileKey = Literal["pip", "conda", "apt", "dockerfile"]
FILES: Final[dict[FileKey, str]] = {
    "pip": "packages/pip.txt",
    "conda": "packages/conda.txt",
    "apt": "packages/apt.txt",
    "dockerfile": "Dockerfile",
}
"""The files of an image's source that are edited here, by the names that requests use."""
LISTS: Final[tuple[ListName, ...]] = ("pip", "conda", "apt")
REASON_CHARS: Final = 500
Reason = Annotated[str, Field(min_length=1, max_length=REASON_CHARS, pattern=r"\S")]
"""Why; spaces alone are none."""
TEXT_CHARS: Final = 256 * 1024
Verb = Literal["add", "remove", "pin"]
Severity = Literal["error", "warning", "info"]
Origin = Literal["saved", "restored", "by-hand", "initial", "commit"]
RevisionState = Literal["pending", "done", "not-written", "proposed"]
SourceKind = Literal["folder", "github"]
ProposalState = Literal["open", "merged", "closed"]
PackageState = Literal[
    "fine", "outdated", "unpinned", "yanked", "no-such-package", "no-such-version",
    "incompatible", "unchecked",
]  # fmt: skip
WRONG: Final[frozenset[PackageState]] = frozenset(
    ("no-such-package", "no-such-version", "incompatible")
)
"""States with which a build would fail."""


class Package(Model):
    """One package of a list."""

    list: ListName
    name: str = Field(description="as it is written, with its channel or extras")
    version: str = Field(default="", description="the one version that is asked for, if it is one")
    spec: str = Field(default="", description="what is asked of the version, as it is written")
    line: int = Field(description="line of the file, from 1")
    remark: str = Field(default="", description="what follows # on its line")


class SourceFinding(Model):
    """Something about a line of a file."""

    file: FileKey
    line: int = Field(description="from 1; 0 for the file as a whole")
    severity: Severity
    code: str = Field(description="short name of the rule; DL and SC numbers are hadolint's")
    message: str


class PackageCheck(Model):
    """What the package index says about one package."""

    list: ListName
    name: str
    version: str = Field(default="", description="the version that is asked for, if it is one")
    newest: str = Field(default="", description="newest version that fits; empty if unknown")
    state: PackageState
    detail: str = Field(default="", description="the same in a sentence")


class Resolution(Model):
    """Whether packages can be installed together; nothing was built or installed for it."""

    list: ListName
    state: Literal["solved", "conflict", "unknown"]
    sentence: str
    detail: str = Field(default="", description="the resolver's own explanation")
    python_version: str = Field(default="", description="the Python that it was asked for")
    packages: dict[str, str] = Field(
        default_factory=dict, description="every package that would be installed, with its version"
    )


class FileText(Model):
    """One file of the image's source."""

    file: FileKey
    path: str = Field(description="path below the source's folder")
    is_present: bool
    sha256: str
    text: str


class SourceRevision(Model):
    """One state of the files that are edited here."""

    number: int
    sha256: dict[FileKey, str] = Field(description="hash of each file's text")
    author: str = Field(description="hub user; of a change by hand the owner of the file")
    reason: str
    time: Moment
    origin: Origin
    summary: str = Field(default="", description="what changed, in words")
    restored_from: int | None = None
    override_reason: str = Field(default="", description="why it was saved in spite of errors")
    state: RevisionState = "done"
    process: str = Field(default="", description="who writes it, while it is pending")
    commit: str = Field(default="", description="the commit at GitHub; empty in a folder")
    link: str = Field(default="", description="page at GitHub; empty in a folder")

    @property
    def called(self) -> str:
        """What people call it: its number, or its commit before it has one."""
        return f"r{self.number}" if self.number else self.commit[:7]


class PackageLists(Model):
    """The image's source as it stands."""

    folder: str = Field(description="where the source is: a folder, or a repository")
    source: SourceKind = "folder"
    link: str = Field(default="", description="page of the repository; empty for a folder")
    commit: str = Field(default="", description="commit of the newest revision, at GitHub")
    revision: int = Field(description="number of the newest revision")
    files: tuple[FileText, ...]
    packages: tuple[Package, ...]
    findings: tuple[SourceFinding, ...] = Field(default=(), description="what is wrong with a line")
    python_version: str = Field(description="the Python that packages have to fit")
    notes: tuple[str, ...] = Field(default=(), description="what cannot be checked here, and why")


class PackageCheckRequest(Model):
    """What to check: the files as they stand, or with these texts in their place."""

    texts: dict[FileKey, str] = Field(default_factory=dict)


class PackageReport(Model):
    """All packages, checked against their indexes, the dry run, and the lint."""

    packages: tuple[PackageCheck, ...]
    resolutions: tuple[Resolution, ...]
    findings: tuple[SourceFinding, ...]
    is_buildable: bool = Field(description="whether nothing was found with which a build fails")
    notes: tuple[str, ...] = ()
    as_of: Moment


class Versions(Model):
    """What an index has of one package."""

    list: ListName
    name: str
    newest: str = Field(description="newest version that fits; empty if none does or none is known")
    versions: tuple[str, ...] = Field(description="versions that fit, newest first")
    left_out: int = Field(default=0, description="versions that do not fit")
    summary: str = Field(default="", description="what the package is, as it says itself")
    detail: str = ""


class PackageChange(Model):
    """A package to add, to remove, or to give another version."""

    verb: Verb
    list: ListName = "pip"
    name: str = Field(min_length=1, max_length=200)
    version: str = Field(
        default="", max_length=100, description="empty: the newest that fits, where that is known"
    )


class PackagePlanRequest(Model):
    """Changes by name, texts that replace whole files, or both; texts come first."""

    changes: tuple[PackageChange, ...] = Field(default=(), max_length=200)
    texts: dict[FileKey, str] = Field(default_factory=dict)


class SourceChange(Model):
    """What happens to one file."""

    file: FileKey
    path: str
    before_sha256: str
    unified: str = Field(description="unified difference")


class PackagePlan(Plan):
    """A change of the lists that has not happened yet."""

    base_revision: int
    files: tuple[SourceChange, ...]
    texts: dict[FileKey, str] = Field(description="the texts to apply; send them back with the id")
    packages: tuple[PackageCheck, ...] = Field(description="packages that are new or changed")
    resolutions: tuple[Resolution, ...] = ()
    findings: tuple[SourceFinding, ...] = ()
    needs_override: bool = Field(description="whether saving needs a reason, as a build would fail")
    notes: tuple[str, ...] = Field(default=(), description="what was not checked, and why")


def require_change(plan: PackagePlan) -> None:
    """Raise ``InvalidInput`` for a plan with which nothing would change."""
    if not plan.files:
        raise InvalidInput("Nothing would change.", hint="The lists are so already.")


class PackageSaveRequest(Model):
    """A plan that was shown and is to be done."""

    plan_id: str = Field(min_length=1, max_length=64)
    texts: dict[FileKey, str] = Field(min_length=1, description="texts of the plan")
    reason: Reason
    override_reason: str = Field(
        default="", max_length=REASON_CHARS, description="why it is saved in spite of errors"
    )


class PackageRestoreRequest(Model):
    """Bring the files back to an earlier revision, as a new one."""

    revision: int = Field(ge=1)
    expected_revision: int | None = Field(
        default=None, description="the newest revision as the requester knows it"
    )
    reason: Reason


class Proposal(Model):
    """A change that waits at GitHub: a branch with one commit, and a pull request."""

    number: int
    title: str
    state: ProposalState
    author: str = Field(description="hub user who asked for it here, else the login at GitHub")
    reason: str = ""
    time: Moment
    branch: str
    commit: str = Field(description="the newest commit of the branch; merging is asked with it")
    link: str
    is_made_here: bool = Field(description="whether its branch was made by this console")


class ProposalDetails(Model):
    """A proposed change with what it would change now."""

    proposal: Proposal
    files: tuple[SourceChange, ...] = Field(description="against the branch that is built")
    problem: str = Field(default="", description="why it may not be merged; empty if it may")
    hint: str = ""


class ProposalList(Model):
    """Changes that wait, newest first. In a folder changes do not wait."""

    source: SourceKind
    proposals: tuple[Proposal, ...] = ()


class MergeRequest(Model):
    """Make a proposed change part of what is built."""

    commit: str = Field(
        min_length=7, max_length=64, description="the branch's commit as the requester knows it"
    )


class WithdrawRequest(Model):
    """Give a proposed change up: the pull request is closed, the branch removed."""

    reason: Reason


class PackagesSaved(Model):
    """What was done. ``proposal`` is there where a change has to be merged yet."""

    revision: SourceRevision
    receipt: Receipt
    proposal: Proposal | None = None


class SourceHistory(Model):
    """Every revision, newest first."""

    revisions: tuple[SourceRevision, ...]


class RevisionDetails(Model):
    """One revision with its texts and what it changed."""

    revision: SourceRevision
    texts: dict[FileKey, str]
    files: tuple[SourceChange, ...] = Field(description="what changed since the revision before")
