"""The start scripts of a school: look, save, make live, restore."""

from __future__ import annotations

import difflib
import pwd
import stat
from contextlib import suppress

from growth_admin.core.errors import ConfirmationNeeded, Conflict, InvalidInput, NotFound
from growth_admin.core.fsops import read_bytes, storage_errors, write_atomic
from growth_admin.core.paths import Paths
from growth_admin.core.plan import Receipt, ReceiptItem, Undo
from growth_admin.core.schema import now
from growth_admin.startup import models
from growth_admin.startup.history import RevisionStore, sha256_of
from growth_admin.startup.lint import LintReport, lint_text
from growth_admin.startup.models import SCRIPTS, Publication, Revision, Step

LIMIT_BYTES = 1024 * 1024
PUBLISH_S = 10.0


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
        self.notice(name)
        path = self._paths.scripts / name
        store = self.store(name)
        text, mode = self._live(name)
        live = None if text is None else store.find(sha256_of(text))
        head, published = store.head(), store.last_publication()
        return models.Script(
            name=name,
            path=str(path),
            is_present=text is not None,
            live_sha256="" if text is None else sha256_of(text),
            live_revision=live.number if live else None,
            head_revision=head.number if head else None,
            is_executable=bool(mode & 0o100),
            problem=_problem(text, mode),
            published=published.time if published else None,
            published_by=published.author if published else "",
        )

    def get_text(self, name: str) -> models.ScriptText:
        """Return a script with its live text and its newest revision."""
        script = self.get_script(name)
        text, _ = self._live(name)
        head = (
            None if script.head_revision is None else self.get_revision(name, script.head_revision)
        )
        return models.ScriptText(script=script, live_text=_decode(text or b""), head=head)

    def get_revision(self, name: str, number: int) -> models.RevisionText:
        """Return a revision, its text and what trials found."""
        store = self.store(name)
        revision = store.get_revision(number)
        text, _ = self._live(name)
        return models.RevisionText(
            revision=revision,
            text=_decode(store.get_text(revision.sha256)),
            is_live=text is not None and sha256_of(text) == revision.sha256,
            evidence=tuple(store.list_evidence(revision.sha256)),
        )

    def get_history(self, name: str) -> models.History:
        """Return every revision and publication."""
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
        found = {name: self._live(name)[0] for name in SCRIPTS}
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
        revision = self._add_revision(
            name,
            text,
            report,
            author=author,
            origin="restored",
            reason=request.reason,
            base_sha256=old.sha256,
            restored_from=old.number,
            override_reason=f"restored from r{old.number}" if report.has_errors else "",
        )
        return models.Saved(revision=revision, findings=report.findings, is_new=True)

    # -- make live

    def skipped_steps(self, name: str, revision: Revision) -> tuple[Step, ...]:
        """Return the steps of the track that this text has not passed.

        A text that was live before has met the class already: nothing is missing.
        """
        store = self.store(name)
        if any(p.sha256 == revision.sha256 for p in store.list_publications()):
            return ()
        passed = {e.step for e in store.list_evidence(revision.sha256) if e.is_passed}
        steps: tuple[Step, ...] = ("rehearsal", "canary")
        missing: list[Step] = ["lint"] if revision.lint_errors else []
        return (*missing, *(step for step in steps if step not in passed))

    def publish(
        self, name: str, request: models.PublishRequest, *, author: str
    ) -> models.Published:
        """Make a revision live for every start from now on.

        Raises ``Conflict`` when something else went live meanwhile, ``ConfirmationNeeded`` when
        steps were skipped without a reason. The file keeps its owner and mode and becomes
        executable.
        """
        before = self.get_script(name)
        store = self.store(name)
        revision = store.get_revision(request.revision)
        if before.live_sha256 != request.expected_live_sha256:
            raise Conflict(
                f"{name} was changed meanwhile: live is now {_spell(before.live_revision)}, "
                f"since {before.published} by {before.published_by or 'nobody known'}.",
                hint="Look at the difference to the live script, then make yours live again.",
                context={"script": before.as_json()},
            )
        last = store.last_publication()
        if last and _is_under_way(last, before.live_sha256):
            raise Conflict(
                f"{last.author} is making r{last.revision} of {name} live right now.",
                hint="Wait a few seconds, look at what is live, then decide again.",
            )
        skipped = self.skipped_steps(name, revision)
        if skipped and not request.skip_reason.strip():
            raise ConfirmationNeeded(
                f"r{revision.number} has not passed: {', '.join(skipped)}.",
                hint="Do these steps, or say why they are skipped; the reason stays visible.",
                context={"skipped_steps": list(skipped)},
            )
        publication = self._add_publication(
            store, before, revision, request.reason, author, skipped, request.skip_reason
        )
        self._write_live(name, store.get_text(revision.sha256))
        return models.Published(
            publication=publication,
            script=self.get_script(name),
            receipt=_receipt(name, before, publication),
        )

    def _add_publication(
        self,
        store: RevisionStore,
        before: models.Script,
        revision: Revision,
        reason: str,
        author: str,
        skipped: tuple[Step, ...],
        skip_reason: str,
    ) -> Publication:
        last = store.last_publication()
        publication = Publication(
            script=before.name,
            number=(last.number if last else 0) + 1,
            revision=revision.number,
            sha256=revision.sha256,
            previous_sha256=before.live_sha256,
            author=author,
            reason=reason,
            time=now(),
            skipped_steps=skipped,
            skip_reason=skip_reason if skipped else "",
        )
        try:
            store.add_publication(publication)
        except Conflict:
            raise Conflict(
                f"Somebody else made a revision of {before.name} live at the same moment.",
                hint="Look at what is live now, then decide again.",
            ) from None
        return publication

    def _write_live(self, name: str, text: bytes) -> None:
        path = self._paths.scripts / name
        _, mode = self._live(name)
        mode = mode or 0o644
        write_atomic(path, text, mode=mode | ((mode & 0o444) >> 2))

    # -- changes by hand

    def notice(self, name: str) -> Revision | None:
        """Record a live text that nobody made live here; return its revision, if there was one.

        A publication comes a moment before its file: until then the old text is no change by hand.
        """
        text, _ = self._live(name)
        if text is None:
            return None
        store, digest = self.store(name), sha256_of(text)
        last = store.last_publication()
        if last and (digest == last.sha256 or _is_under_way(last, digest)):
            return None
        owner, is_first = self._owner(name), store.head() is None
        reason = "the script as it was found" if is_first else "changed by hand"
        with suppress(Conflict):  # another admin's server noticed it at the same moment
            revision = store.find(digest) or self._add_revision(
                name,
                text,
                self.lint(name, text),
                author=owner,
                origin="initial" if is_first else "by-hand",
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

    def _owner(self, name: str) -> str:
        uid = (self._paths.scripts / name).stat().st_uid
        try:
            return f"{pwd.getpwuid(uid).pw_name} (owner of the file)"
        except KeyError:
            return f"uid {uid} (owner of the file)"

    # -- pieces

    def _live(self, name: str) -> tuple[bytes | None, int]:
        """Return the live text and its mode; no text when there is no file."""
        self.store(name)
        path = self._paths.scripts / name
        with storage_errors(path):
            try:
                mode = stat.S_IMODE(path.stat().st_mode)
                return read_bytes(path, limit_bytes=LIMIT_BYTES), mode
            except (FileNotFoundError, NotFound):
                return None, 0

    def _add_revision(
        self,
        name: str,
        text: bytes,
        report: LintReport,
        *,
        author: str,
        origin: models.Origin,
        reason: str,
        base_sha256: str = "",
        restored_from: int | None = None,
        override_reason: str = "",
    ) -> Revision:
        store = self.store(name)
        head = store.head()
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


def _is_under_way(last: Publication, live_sha256: str) -> bool:
    """Return whether this publication was written a moment ago and its file not yet."""
    age_s = (now() - last.time).total_seconds()
    return live_sha256 == last.previous_sha256 != last.sha256 and age_s < PUBLISH_S


def _decode(text: bytes) -> str:
    return text.decode(errors="replace")


def _spell(number: int | None) -> str:
    return "an unknown text" if number is None else f"r{number}"


def _problem(text: bytes | None, mode: int) -> str:
    if text is None:
        return "The file is missing: nothing of it runs when a server starts."
    if not mode & 0o100:
        return "The file is not executable, so it does not run. Make any revision live to mend it."
    return "" if text.strip() else "The file is empty."


def _receipt(name: str, before: models.Script, publication: Publication) -> Receipt:
    undo = None
    if before.live_revision is not None:
        undo = Undo(
            title=f"Make r{before.live_revision} live again",
            method="POST",
            path=f"startup/scripts/{name}/publications",
            body={
                "revision": before.live_revision,
                "expected_live_sha256": publication.sha256,
                "reason": f"undo of publication {publication.number}",
            },
        )
    title = f"r{publication.revision} of {name} is live since {publication.time:%H:%M} UTC"
    item = ReceiptItem(target=name, action="make live", result="done", detail=publication.reason)
    return Receipt(title=title, finished=now(), items=(item,), undo=undo)
