"""Changes that wait at GitHub as pull requests: look at them, merge them, give them up."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Final

from growth_admin.core.errors import Conflict, GrowthError, InvalidInput
from growth_admin.core.plan import Receipt, ReceiptItem, Undo
from growth_admin.core.schema import now
from growth_admin.core.words import count
from growth_admin.images.github.git_data import Comparison, GitData
from growth_admin.images.github.pulls import Pull, Pulls
from growth_admin.images.packages import models
from growth_admin.images.packages.history import RevisionBook
from growth_admin.images.packages.messages import Message, read_message
from growth_admin.images.packages.models import FILES, Proposal, SourceRevision
from growth_admin.images.packages.planning import difference
from growth_admin.images.packages.repository import SourceRepository

log = logging.getLogger(__name__)
BRANCHES: Final = "growth/"
ENDED_SHOWN: Final = 10


class PullProposals:
    """See ``Proposals``. ``notice`` writes down what the branch has become."""

    def __init__(
        self,
        source: SourceRepository,
        data: GitData,
        pulls: Pulls,
        book: RevisionBook,
        *,
        notice: Callable[[], object],
        method: str,
    ) -> None:
        self._source, self._data, self._pulls, self._book = source, data, pulls, book
        self._notice, self._method = notice, method

    def list_proposals(self) -> models.ProposalList:
        """See ``Proposals``."""
        found = [proposal_of(pull) for pull in self._pulls.list_pulls()]
        ended = [one for one in found if one.state != "open"][:ENDED_SHOWN]
        shown = tuple(one for one in found if one.state == "open" or one in ended)
        return models.ProposalList(source="github", proposals=shown)

    def get_proposal(self, number: int) -> models.ProposalDetails:
        """See ``Proposals``."""
        pull = self._pulls.get(number)
        # what is closed is shown against where it began: it is part of the branch, or never will be
        brought = self._data.compare(pull.head)
        start = self._data.head() if pull.state == "open" else brought.base
        files = difference(self._source.texts_at(start), self._source.texts_at(pull.head))
        problem = self._problem(pull, brought) if pull.state == "open" else None
        return models.ProposalDetails(
            proposal=proposal_of(pull),
            files=tuple(files),
            problem=problem.detail if problem else "",
            hint=problem.hint if problem else "",
        )

    def merge(
        self, number: int, asked: models.MergeRequest, *, author: str
    ) -> models.PackagesSaved:
        """See ``Proposals``."""
        pull = self._pulls.get(number)
        _require_open(pull)
        if pull.head != asked.commit:
            raise Conflict(
                f"The branch of pull request #{number} was changed since you looked at it.",
                hint="Look at what it changes now, then merge that.",
                context={"link": pull.link},
            )
        if problem := self._problem(pull, self._data.compare(pull.head)):
            raise problem
        self._notice()
        before = self._book.find_commit(self._data.head())
        message = _message_of(pull)
        known = replace(message, title=f"{pull.title} (#{number})")
        # rebased, others' commits would come with whatever their own messages say of who made them
        is_rewritten = self._method == "rebase" and not is_made_here(pull)
        method = "squash" if is_rewritten else self._method
        made = self._pulls.merge(pull, method=method, title=known.title, message=known.body)
        log.info("%s merged pull request #%s of %s", author, number, known.author)
        self._forget_branch(pull)
        self._notice()
        revision = self._book.find_commit(made or self._data.head()) or self._book.head()
        assert revision, "the branch has a commit, which was noticed just now"
        return models.PackagesSaved(
            revision=revision,
            receipt=_merged(pull, revision, before),
            proposal=proposal_of(pull).model_copy(update={"state": "merged"}),
        )

    def withdraw(
        self, number: int, asked: models.WithdrawRequest, *, author: str
    ) -> models.Proposal:
        """See ``Proposals``."""
        pull = self._pulls.get(number)
        _require_open(pull)
        closed = self._pulls.close(number)
        log.info("%s gave pull request #%s up: %s", author, number, asked.reason)
        self._forget_branch(pull)
        return proposal_of(closed)

    def _problem(self, pull: Pull, brought: Comparison) -> Conflict | None:
        """Return why it may not be merged here: it changes what is not shown here, or what it was
        checked against is no longer there."""
        if others := sorted(brought.paths - set(FILES.values())):
            return Conflict(
                f"Pull request #{pull.number} changes {count(len(others), 'file')} that "
                f"{'is' if len(others) == 1 else 'are'} not shown here: {', '.join(others[:3])}"
                f"{' and more' if len(others) > 3 else ''}.",
                hint=f"Look at all of it at GitHub, and merge it there: {pull.link}",
                context={"link": pull.link},
            )
        if self._source.texts_at(brought.base) == self._source.texts():
            return None
        return Conflict(
            f"The lists were changed since pull request #{pull.number} was made, so what was "
            "checked for it holds no more.",
            hint="Withdraw it, and make the same change again: the new plan is checked against "
            "the lists as they are now. Or bring its branch up to date at GitHub.",
            context={"link": pull.link},
        )

    def _forget_branch(self, pull: Pull) -> None:
        if pull.branch.startswith(BRANCHES):  # others' branches are theirs
            with suppress(GrowthError):
                self._data.delete_branch(pull.branch)


def is_made_here(pull: Pull) -> bool:
    """Return whether its branch is one that this console makes; in a fork anybody can make one."""
    return pull.branch.startswith(BRANCHES) and bool(read_message("", pull.body).author)


def _message_of(pull: Pull) -> Message:
    """Return what a pull request says of itself; who made another one than ours, GitHub knows."""
    message = read_message(pull.title, pull.body)
    if is_made_here(pull):
        return message
    return Message(title=message.title, reason=message.reason, author=pull.author)


def proposal_of(pull: Pull) -> Proposal:
    """Return a pull request as what it is here."""
    message = _message_of(pull)
    return Proposal(
        number=pull.number,
        title=pull.title,
        state=pull.state,
        author=message.author,
        reason=message.reason,
        time=pull.created,
        branch=pull.branch,
        commit=pull.head,
        link=pull.link,
        is_made_here=is_made_here(pull),
    )


def _require_open(pull: Pull) -> None:
    if pull.state != "open":
        raise InvalidInput(
            f"Pull request #{pull.number} is {pull.state} already.", hint="List the proposals."
        )


def _merged(pull: Pull, done: SourceRevision, before: SourceRevision | None) -> Receipt:
    undo = None
    if before is not None and before.number != done.number:
        undo = Undo(
            title=f"Propose the lists as in r{before.number}",
            method="POST",
            path="images/packages/restorations",
            body={
                "revision": before.number,
                "expected_revision": done.number,
                "reason": f"undo of r{done.number}",
            },
        )
    item = ReceiptItem(target=f"#{pull.number}", action="merge", result="done", detail=pull.title)
    title = f"#{pull.number} is merged as r{done.number}. Students get it after a build and a "
    return Receipt(title=f"{title}promotion.", finished=now(), items=(item,), undo=undo)
