"""The start scripts of a school: look, save, make live, restore."""

from __future__ import annotations

import difflib
from contextlib import suppress

from growth_admin.core.errors import (
    ConfirmationNeeded,
    Conflict,
    InvalidInput,
    NotFound,
    StorageFull,
)
from growth_admin.core.paths import Paths
from growth_admin.core.schema import now
from growth_admin.startup import models
from growth_admin.startup.history import RevisionStore, sha256_of
from growth_admin.startup.lint import LintReport, lint_text
from growth_admin.startup.live import LiveFile
from growth_admin.startup.models import SCRIPTS, Publication, Revision, Step
from growth_admin.startup.publishing import (
    is_under_way,
    reason_found,
    receipt_of,
    require_expected,
)

LIMIT_BYTES = 1024 * 1024


class ScriptManager:
    """Both scripts of one school.

    The live file is the truth about what students get; the store is the truth about the past.
    Every look compares the two, so that a change made by hand over NFS gets its revision.
    """

    def __init__(self, paths: Paths) -> None:
        self._paths = paths

    def store(self, script: str) -> RevisionStore:
        """Return the past of a script. Raises ``NotFound`` for any other name."""
        if script not in SCRIPTS:
            raise NotFound(
                f"There is no start script {script[:80]!r}.", hint=f"There are {SCRIPTS}."
            )
        return RevisionStore(self._paths.revisions / script)

    # -- look

    def list_scripts(self) -> models.ScriptList:
        """Return how both scripts stand."""
        return models.ScriptList(scripts=tuple(self.get_script(name) for name in SCRIPTS))

    def get_script(self, name: str) -> models.Script:
        """Return how one script stands, after recording a change made by hand."""
        with suppress(StorageFull):  # it is noticed when there is room again
            self.notice(name)
        store, live = self.store(name), self._live(name).read()
        digest = "" if live.text is None else sha256_of(live.text)
        found = store.find(digest) if digest else None
        head, published = store.head(), store.last_publication()
        return models.Script(
            name=name,
            path=str(self._live(name).path),
            is_present=live.text is not None,
            live_sha256=digest,
            live_revision=found.number if found else None,
            head_revision=head.number if head else None,
            is_executable=live.is_executable,
            problem=live.problem,
            published=published.time if published else None,
            published_by=published.author if published else "",
        )

    def get_text(self, name: str) -> models.ScriptText:
        """Return a script with its live text and its newest revision."""
        script = self.get_script(name)
        text = self._live(name).read().text
        head = (
            None if script.head_revision is None else self.get_revision(name, script.head_revision)
        )
        return models.ScriptText(script=script, live_text=_decode(text or b""), head=head)

    def get_revision(self, name: str, number: int) -> models.RevisionText:
        """Return a revision, its text and what trials found."""
        store = self.store(name)
        revision = store.get_revision(number)
        text, live = store.get_text(revision.sha256), self._live(name).read()
        return models.RevisionText(
            revision=revision,
            text=_decode(text),
            is_lossy=_decode(text).encode() != text,
            is_live=live.text == text,
            evidence=tuple(store.list_evidence(revision.sha256)),
        )

    def get_history(self, name: str) -> models.History:
        """Return every revision and publication."""
        with suppress(StorageFull):
            self.notice(name)
        store = self.store(name)
        return models.History(
            revisions=tuple(store.list_revisions()), publications=tuple(store.list_publications())
        )

    def get_difference(self, name: str, before: int, after: int) -> models.Difference:
        """Return two revisions side by side and as a unified difference."""
        one, two = self.get_revision(name, before), self.get_revision(name, after)
        lines = difflib.unified_diff(
            one.text.splitlines(keepends=True),
            two.text.splitlines(keepends=True),
            f"{name} r{before}",
            f"{name} r{after}",
        )
        return models.Difference(
            before=one.revision,
            after=two.revision,
            before_text=one.text,
            after_text=two.text,
            unified="".join(line if line.endswith("\n") else line + "\n" for line in lines),
        )

    def live_sha256(self) -> dict[str, str]:
        """Return the hash of each live script that is there."""
        found = {name: self._live(name).read().text for name in SCRIPTS}
        return {name: sha256_of(text) for name, text in found.items() if text is not None}

    def revision_number(self, script: str, digest: str) -> int | None:
        """Return the number of the newest revision with this text."""
        found = self.store(script).find(digest)
        return found.number if found else None

    # -- save

    def lint(self, name: str, text: bytes, *, mode: int | None = None) -> LintReport:
        """Check a text as the script ``name``."""
        return lint_text(text, name=name, mode=mode, shared_root=str(self._paths.shared_root))

    def save(self, name: str, request: models.SaveRequest, *, author: str) -> models.Saved:
        """Keep a new revision; students get nothing new yet.

        Raises ``Conflict`` with all three texts when somebody else saved in between, and
        ``ConfirmationNeeded`` when the lint found errors and no reason to save them was given.
        """
        text = request.text.encode()
        if len(text) > LIMIT_BYTES:
            raise InvalidInput(
                f"The script is larger than {LIMIT_BYTES // 1024} KiB.",
                hint="Put data into a dataset and keep the script short.",
            )
        self.notice(name)
        head = self.store(name).head()
        if request.base_sha256 != (head.sha256 if head else ""):
            raise self._conflict(name, request, head)
        report = self.lint(name, text, mode=0o755)
        if head and head.sha256 == sha256_of(text):
            return models.Saved(revision=head, findings=report.findings, is_new=False)
        if report.has_errors and not request.override_reason.strip():
            raise ConfirmationNeeded(
                "The lint found errors that would hurt the class.",
                hint="Mend them, or save with a written reason; the reason stays in the history.",
                context={"findings": [finding.as_json() for finding in report.findings]},
            )
        try:
            revision = self._add_revision(
                name,
                text,
                report,
                head,
                author=author,
                origin="saved",
                reason=request.reason,
                base_sha256=request.base_sha256,
                override_reason=request.override_reason if report.has_errors else "",
            )
        except Conflict:
            raise self._conflict(name, request, self.store(name).head()) from None
        return models.Saved(revision=revision, findings=report.findings, is_new=True)

    def restore(self, name: str, request: models.RestoreRequest, *, author: str) -> models.Saved:
        """Bring an old text back as a new revision; making it live is the next step."""
        self.notice(name)
        old = self.store(name).get_revision(request.revision)
        text = self.store(name).get_text(old.sha256)
        report = self.lint(name, text, mode=0o755)
        try:
            revision = self._add_revision(
                name,
                text,
                report,
                self.store(name).head(),
                author=author,
                origin="restored",
                reason=request.reason,
                base_sha256=old.sha256,
                restored_from=old.number,
                override_reason=f"restored from r{old.number}" if report.has_errors else "",
            )
        except Conflict:
            raise Conflict(
                f"Somebody else saved a revision of {name} at the same moment.",
                hint="Look at the history, then restore again if you still want to.",
            ) from None
        return models.Saved(revision=revision, findings=report.findings, is_new=True)

    # -- make live

    def skipped_steps(self, name: str, revision: Revision) -> tuple[Step, ...]:
        """Return the steps of the track that this text has not passed.

        A text that was live before has met the class already: nothing is missing. Of several
        trials of one kind the last one counts.
        """
        store = self.store(name)
        if any(p.sha256 == revision.sha256 for p in store.list_publications()):
            return ()
        last: dict[Step, bool] = {}
        for evidence in store.list_evidence(revision.sha256):
            last.setdefault(evidence.step, evidence.is_passed)
        steps: tuple[Step, ...] = ("rehearsal", "canary")
        missing: list[Step] = ["lint"] if revision.lint_errors else []
        return (*missing, *(step for step in steps if not last.get(step)))

    def publish(
        self, name: str, request: models.PublishRequest, *, author: str
    ) -> models.Published:
        """Make a revision live for every start from now on.

        Raises ``Conflict`` when something else went live meanwhile, ``ConfirmationNeeded`` when
        steps were skipped without a reason. The file keeps its owner and mode and becomes
        executable.
        """
        self.notice(name)
        store = self.store(name)
        # read before the live text: who publishes from here on takes the number that we want
        last = store.last_publication()
        before = self.get_script(name)
        revision = store.get_revision(request.revision)
        require_expected(before, last, request)
        skipped = self.skipped_steps(name, revision)
        if skipped and not request.skip_reason.strip():
            raise ConfirmationNeeded(
                f"r{revision.number} has not passed: {', '.join(skipped)}.",
                hint="Do these steps, or say why they are skipped; the reason stays visible.",
                context={"skipped_steps": list(skipped)},
            )
        publication = Publication(
            script=name,
            number=(last.number if last else 0) + 1,
            revision=revision.number,
            sha256=revision.sha256,
            previous_sha256=before.live_sha256,
            author=author,
            reason=request.reason,
            time=now(),
            skipped_steps=skipped,
            skip_reason=request.skip_reason if skipped else "",
        )
        self._make_live(name, publication, store)
        return models.Published(
            publication=publication,
            script=self.get_script(name),
            receipt=receipt_of(name, before, publication),
        )

    def _make_live(self, name: str, publication: Publication, store: RevisionStore) -> None:
        """Write publication and file. What cannot be written whole changes neither."""
        text = store.get_text(publication.sha256)
        with self._live(name).replacing(text) as put:
            try:
                store.add_publication(publication)
            except Conflict:
                raise Conflict(
                    f"Somebody else made a revision of {name} live at the same moment.",
                    hint="Look at what is live now, then decide again.",
                ) from None
            newest = store.last_publication()
            if newest and newest.number != publication.number:  # we slept, and were given up
                raise Conflict(
                    f"{newest.author} made r{newest.revision} of {name} live meanwhile.",
                    hint="Look at what is live now, then decide again.",
                )
            put()

    # -- changes by hand

    def notice(self, name: str) -> Revision | None:
        """Record a live text that nobody made live here; return its revision, if there was one.

        A publication comes a moment before its file: until then the old text is no change by hand.
        """
        text = self._live(name).read().text
        if text is None:
            return None
        store, digest = self.store(name), sha256_of(text)
        last = store.last_publication()
        if last and (digest == last.sha256 or is_under_way(last, digest)):
            return None
        owner, head = self._live(name).owner(), store.head()
        reason = reason_found(last, digest, is_first=head is None)
        with suppress(Conflict):  # another admin's server noticed it at the same moment
            revision = store.find(digest) or self._add_revision(
                name,
                text,
                self.lint(name, text),
                head,
                author=owner,
                origin="by-hand" if head else "initial",
                reason=reason,
            )
            store.add_publication(
                Publication(
                    script=name,
                    number=(last.number if last else 0) + 1,
                    revision=revision.number,
                    sha256=digest,
                    previous_sha256=last.sha256 if last else "",
                    author=owner,
                    reason=reason,
                    time=now(),
                    is_noticed=True,
                )
            )
            return revision
        return None

    # -- pieces

    def _live(self, name: str) -> LiveFile:
        self.store(name)
        return LiveFile(self._paths.scripts / name)

    def _add_revision(
        self,
        name: str,
        text: bytes,
        report: LintReport,
        head: Revision | None,
        *,
        author: str,
        origin: models.Origin,
        reason: str,
        base_sha256: str = "",
        restored_from: int | None = None,
        override_reason: str = "",
    ) -> Revision:
        """Write the revision after ``head``. Raises ``Conflict`` if somebody else did meanwhile."""
        store = self.store(name)
        severities = [finding.severity for finding in report.findings]
        revision = Revision(
            script=name,
            number=(head.number if head else 0) + 1,
            sha256=store.put_text(text),
            size_bytes=len(text),
            origin=origin,
            author=author,
            reason=reason,
            time=now(),
            base_sha256=base_sha256,
            restored_from=restored_from,
            lint_errors=severities.count("error"),
            lint_warnings=severities.count("warning"),
            override_reason=override_reason,
        )
        store.add_revision(revision)
        return revision

    def _conflict(self, name: str, request: models.SaveRequest, head: Revision | None) -> Conflict:
        store = self.store(name)
        base = ""
        with suppress(NotFound, InvalidInput):
            base = _decode(store.get_text(request.base_sha256))
        theirs = _decode(store.get_text(head.sha256)) if head else ""
        who = f"{head.author} saved r{head.number} ({head.reason})" if head else "it is gone"
        return Conflict(
            f"{name} was changed while you edited it: {who}.",
            hint="Nothing of yours is lost. Merge both texts, then save again.",
            context={
                "base": base,
                "theirs": theirs,
                "yours": request.text,
                "head": head.as_json() if head else None,
            },
        )


def _decode(text: bytes) -> str:
    return text.decode(errors="replace")
