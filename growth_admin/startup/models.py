"""Start scripts, their revisions and what is known about each."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field

from growth_admin.core.plan import Receipt
from growth_admin.core.schema import Model, Moment
from growth_admin.startup.lint import Finding

SCRIPTS: Final = ("as-root.sh", "as-user.sh")
Origin = Literal["initial", "saved", "by-hand", "restored"]
Step = Literal["lint", "rehearsal", "canary"]


class Revision(Model):
    """One immutable text of a script."""

    script: str
    number: int = Field(description="counts from 1, per script")
    sha256: str
    size_bytes: int
    origin: Origin = Field(description="by-hand: changed over NFS, noticed later")
    author: str = Field(description="hub user; for by-hand the owner of the file")
    reason: str
    time: Moment
    base_sha256: str = Field(default="", description="the text that the author began from")
    restored_from: int | None = None
    lint_errors: int = 0
    lint_warnings: int = 0
    override_reason: str = Field(default="", description="why it was saved in spite of errors")


class Publication(Model):
    """One moment at which a revision was made live."""

    script: str
    number: int = Field(description="counts from 1, per script")
    revision: int
    sha256: str
    previous_sha256: str = Field(description="what was live before; empty if nothing was")
    author: str
    reason: str
    time: Moment
    is_noticed: bool = Field(default=False, description="found live, not made live here")
    skipped_steps: tuple[Step, ...] = ()
    skip_reason: str = ""


class Evidence(Model):
    """What a rehearsal or a canary found out about a text."""

    step: Step
    sha256: str
    is_passed: bool
    summary: str
    job_id: str
    time: Moment
    author: str


class Script(Model):
    """A start script as it stands now."""

    name: str
    path: str
    is_present: bool
    live_sha256: str = Field(description="hash of the live text; empty if there is none")
    live_revision: int | None
    head_revision: int | None = Field(description="the newest revision, live or not")
    is_executable: bool
    problem: str = Field(default="", description="what is wrong with the live file, if anything")
    published: Moment | None
    published_by: str


class ScriptList(Model):
    """Both start scripts."""

    scripts: tuple[Script, ...]


class RevisionText(Model):
    """A revision with its text."""

    revision: Revision
    text: str
    is_lossy: bool = Field(
        default=False,
        description="the script is not UTF-8: what cannot be shown stands as U+FFFD, and saving "
        "this text would change it; restoring the revision would not",
    )
    is_live: bool
    evidence: tuple[Evidence, ...]


class ScriptText(Model):
    """A script with the text that an editor opens: its newest revision."""

    script: Script
    live_text: str
    head: RevisionText | None


class History(Model):
    """Every revision and every publication of a script, newest first."""

    revisions: tuple[Revision, ...]
    publications: tuple[Publication, ...]


class Difference(Model):
    """Two revisions side by side, and as a unified difference."""

    before: Revision
    after: Revision
    before_text: str
    after_text: str
    unified: str


class SaveRequest(Model):
    """A new revision."""

    text: str
    reason: str = Field(min_length=1, max_length=500)
    base_sha256: str = Field(description="hash of the revision that the edit began from, or empty")
    override_reason: str = Field(default="", max_length=500)


class Saved(Model):
    """A revision that was saved, and what the lint says."""

    revision: Revision
    findings: tuple[Finding, ...]
    is_new: bool = Field(description="false when the text was the newest revision already")


class LintRequest(Model):
    """A text to check."""

    name: str = "as-user.sh"
    text: str


class Findings(Model):
    """What the lint found."""

    findings: tuple[Finding, ...]


class TrialRequest(Model):
    """A revision to try."""

    script: str
    revision: int


class PublishRequest(Model):
    """Make a revision live."""

    revision: int
    expected_live_sha256: str = Field(description="what is live as the requester knows it")
    reason: str = Field(min_length=1, max_length=500)
    skip_reason: str = Field(default="", max_length=500, description="why steps were skipped")


class RestoreRequest(Model):
    """Bring an old revision back as a new one."""

    revision: int
    reason: str = Field(min_length=1, max_length=500)


class Published(Model):
    """A revision that was made live."""

    publication: Publication
    script: Script
    receipt: Receipt
