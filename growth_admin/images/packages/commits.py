"""Revisions that are commits at GitHub, and changes that become pull requests there.

Each commit of the branch that is built, by first parents, gets a number when somebody here sees it;
the numbers are kept in the same record as those of a folder (``history``). What a commit holds is
asked at GitHub.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from growth_admin.core.errors import StalePlan
from growth_admin.core.plan import Receipt, ReceiptItem, Undo
from growth_admin.core.schema import now
from growth_admin.images.github.git_data import Commit, GitData
from growth_admin.images.github.pulls import Pulls, taken
from growth_admin.images.packages import models
from growth_admin.images.packages.folder import sha256_of
from growth_admin.images.packages.history import RevisionBook
from growth_admin.images.packages.messages import Message, read_commit
from growth_admin.images.packages.models import FILES, FileKey, Proposal, SourceRevision
from growth_admin.images.packages.planning import difference
from growth_admin.images.packages.proposing import BRANCHES, proposal_of
from growth_admin.images.packages.repository import SourceRepository
from growth_admin.images.packages.restoring import require_newest, restoring

COMMITS_SEEN: Final = 50
"""So many commits back the history goes when it is first seen."""


class CommitHistory:
    """See ``Revisions``."""

    def __init__(
        self, source: SourceRepository, data: GitData, pulls: Pulls, book: RevisionBook
    ) -> None:
        self._source, self._data, self._pulls, self._book = source, data, pulls, book
        self._head = ""

    def notice(self) -> bool:
        """See ``Revisions``; nobody is ever between two states at GitHub."""
        self._head = self._data.head()
        if self._book.find_commit(self._head) is None:
            line = self._data.list_commits(self._head, COMMITS_SEEN)
            self._book.adopt([_revision(one) for one in reversed(line)])
        return False

    def head(self) -> SourceRevision | None:
        """See ``Revisions``."""
        return self._book.find_commit(self._head) if self._head else self._book.head()

    def list_newest(self) -> list[SourceRevision]:
        """See ``Revisions``."""
        return self._book.list_revisions()

    def get_history(self) -> models.SourceHistory:
        """See ``Revisions``."""
        self.notice()
        return models.SourceHistory(revisions=tuple(self._book.list_revisions()))

    def get_revision(self, number: int) -> models.RevisionDetails:
        """See ``Revisions``."""
        revision = self._book.get(number)
        texts = self._source.texts_at(revision.commit)
        line = self._data.list_commits(revision.commit, 2)
        parent = line[0].parent if line else ""
        before = self._source.texts_at(parent) if parent else {}
        return models.RevisionDetails(
            revision=revision, texts=texts, files=tuple(difference(before, texts))
        )

    def restore(self, asked: models.PackageRestoreRequest, *, author: str) -> models.PackagesSaved:
        """See ``Revisions``."""
        self.notice()
        require_newest(self.head(), asked)
        old = self._book.get(asked.revision)
        before, after = self._source.texts(), self._source.texts_at(old.commit)
        revision = restoring(asked, before, after, author=author)
        plan_id = f"as-in-r{old.number}"
        return self.write(before, after, revision, plan_id=plan_id, is_under_way=False)

    def write(
        self,
        before: Mapping[FileKey, str],
        after: dict[FileKey, str],
        revision: SourceRevision,
        *,
        plan_id: str = "",
        is_under_way: bool,
    ) -> models.PackagesSaved:
        """Propose the texts: a branch, one commit, a pull request. See ``Revisions``."""
        base = self._data.head()
        if self._source.texts_at(base) != dict(before):
            raise StalePlan("Another change was merged at this moment.")
        changed = {FILES[k]: text for k, text in after.items() if before.get(k, "") != text}
        message = Message(
            title=revision.summary,
            reason=revision.reason,
            author=revision.author,
            plan_id=plan_id,
            override_reason=revision.override_reason,
        )
        branch = f"{BRANCHES}{plan_id or base[:12]}"
        if pull := self._pulls.find_open(branch):
            raise taken(pull)
        commit = self._data.commit_files(base, changed, message.text)
        if not self._data.create_branch(branch, commit):
            if pull := self._pulls.find_open(branch):  # another admin's server was first
                raise taken(pull)
            if not self._data.is_same(self._data.branch_head(branch), commit):
                self._data.move_branch(branch, commit)  # what an earlier try left
        pull = self._pulls.create(branch, title=message.title, body=message.body)
        proposal = proposal_of(pull)
        proposed = revision.model_copy(
            update={
                "commit": commit,
                "link": pull.link,
                "state": "proposed",
                "sha256": {key: sha256_of(text) for key, text in after.items()},
            }
        )
        receipt = _receipt(proposal, plan_id)
        return models.PackagesSaved(revision=proposed, receipt=receipt, proposal=proposal)


def _revision(commit: Commit) -> SourceRevision:
    message = read_commit(commit.message)
    return SourceRevision(
        number=0,
        sha256={},
        author=message.author or commit.author,
        reason=message.reason[: models.REASON_CHARS] or message.title,
        time=commit.time,
        origin="commit",
        summary=message.title,
        override_reason=message.override_reason,
        commit=commit.sha,
        link=commit.link,
    )


def _receipt(proposal: Proposal, plan_id: str) -> Receipt:
    named = f"#{proposal.number}"
    item = ReceiptItem(target=named, action="propose", result="done", detail=proposal.title)
    undo = Undo(
        title=f"Withdraw pull request {named}",
        method="POST",
        path=f"images/packages/proposals/{proposal.number}/withdrawals",
        body={"reason": f"undo of {named}"},
    )
    title = f"Pull request {named} is open. It takes effect once it is merged, built and promoted."
    return Receipt(plan_id=plan_id, title=title, finished=now(), items=(item,), undo=undo)
