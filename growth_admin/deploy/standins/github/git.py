"""Git itself: each repository of the stand-in is a bare one on the disk, so hashes, histories and
merges are Git's own, and it can be cloned from its folder.

Sources: git-hash-object(1), git-mktree(1), git-commit-tree(1), git-merge-tree(1), git-log(1).
"""

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

STATUSES = {"A": "added", "D": "removed", "M": "modified", "R": "renamed", "T": "changed"}
FIELD, END = "\x1f", "\x1e"
FORMAT = FIELD.join(("%H", "%T", "%P", "%an", "%ae", "%aI", "%cn", "%ce", "%cI", "%B")) + END
ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C.UTF-8",
}


class GitError(Exception):
    """Git said no; its words."""


@dataclass(frozen=True)
class Who:
    """Author or committer, with the time as Git writes it (ISO 8601)."""

    name: str
    email: str
    date: str


@dataclass(frozen=True)
class CommitFacts:
    """One commit."""

    sha: str
    tree: str
    parents: list[str]
    author: Who
    committer: Who
    message: str


@dataclass(frozen=True)
class Entry:
    """A line of a tree."""

    mode: str
    type: str
    sha: str
    path: str


@dataclass(frozen=True)
class FileChange:
    """What became of a path, in GitHub's word. ``previous``: its name before it was renamed."""

    status: str
    path: str
    previous: str
    sha: str
    added: int
    removed: int


class GitStore:
    """One bare repository."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if not (folder / "HEAD").exists():
            folder.mkdir(parents=True, exist_ok=True)
            self._run("init", "--bare", "--quiet", "--initial-branch=main")

    # ---- read

    def head(self, branch: str) -> str:
        """The commit of a branch, empty without one."""
        return self.resolve(f"refs/heads/{branch}")

    def resolve(self, name: str) -> str:
        """The commit that a name stands for, empty if it stands for none."""
        if name.startswith("-"):
            return ""
        done = self._try("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
        return done.stdout.decode().strip() if done.returncode == 0 else ""

    def kind(self, sha: str) -> str:
        """The type of an object, empty if there is none."""
        done = self._try("cat-file", "-t", "--", sha) if not sha.startswith("-") else None
        return done.stdout.decode().strip() if done and done.returncode == 0 else ""

    def blob(self, sha: str) -> bytes:
        """What is in a blob."""
        return self._run("cat-file", "blob", sha)

    def entries(self, tree: str, *, is_recursive: bool = False) -> list[Entry]:
        """The lines of a tree (or of a commit's)."""
        words = ["ls-tree", "-z", *(["-r", "-t"] if is_recursive else []), tree]
        found = []
        for line in self._run(*words).decode().split("\0")[:-1]:
            facts, _, path = line.partition("\t")
            mode, kind, sha = facts.split()
            found.append(Entry(mode, kind, sha, path))
        return found

    def entry(self, commit: str, path: str) -> Entry | None:
        """The line of a path in a commit."""
        line = self._run("ls-tree", "-z", commit, "--", path).decode().partition("\0")[0]
        if not line:
            return None
        facts, _, name = line.partition("\t")
        mode, kind, sha = facts.split()
        return Entry(mode, kind, sha, name)

    def commit(self, sha: str) -> CommitFacts:
        """One commit."""
        return self.log(sha, 1)[0]

    def log(self, start: str, count: int, *, skip: int = 0, path: str = "") -> list[CommitFacts]:
        """The commits that led to one, itself first, as GitHub lists them."""
        words = ["log", f"--format={FORMAT}", f"--max-count={count}", f"--skip={skip}", start]
        text = self._run(*words, *(["--", path] if path else [])).decode()
        return [_commit(part.lstrip("\n")) for part in text.split(END) if part.strip()]

    def count(self, revisions: str) -> int:
        """How many commits a range has."""
        return int(self._run("rev-list", "--count", revisions))

    def merge_base(self, one: str, two: str) -> str:
        """Where two commits meet, empty if they do not."""
        done = self._try("merge-base", one, two)
        return done.stdout.decode().strip() if done.returncode == 0 else ""

    def changes(self, one: str, two: str) -> list[FileChange]:
        """What became of each path that changed (git-diff(1), "RAW OUTPUT FORMAT")."""
        told = self._run("diff", "--raw", "--numstat", "--find-renames", "--no-abbrev", "-z",
                         one, two)  # fmt: skip
        words = iter(told.decode().split("\0")[:-1])
        found: dict[str, tuple[str, str, str]] = {}
        lines: dict[str, list[int]] = {}
        for word in words:
            if word.startswith(":"):
                _, _, before, after, letter = word.split(" ")
                path, previous = next(words), ""
                if letter.startswith("R"):
                    previous, path = path, next(words)
                found[path] = (STATUSES[letter[0]], previous, before if letter == "D" else after)
            else:
                *counts, path = word.split("\t")
                path = path or (next(words), next(words))[1]
                lines[path] = [int(n) if n.isdecimal() else 0 for n in counts]  # "-": no text
        return [
            FileChange(status, path, previous, sha, *lines[path])
            for path, (status, previous, sha) in found.items()
        ]

    # ---- write

    def write_blob(self, data: bytes) -> str:
        """Keep a blob."""
        return self._run("hash-object", "-w", "--stdin", stdin=data).decode().strip()

    def write_tree(self, base: str, entries: Sequence[Entry]) -> str:
        """Keep a tree: that of ``base`` with other lines, paths in full. An empty sha removes."""
        index = {"GIT_INDEX_FILE": str(self.folder / f"index-{os.getpid()}")}
        try:
            self._run("read-tree", *([base] if base else ["--empty"]), env=index)
            lines = "".join(f"{e.mode if e.sha else 0} {e.sha or '0' * 40}\t{e.path}\0"
                            for e in entries)  # fmt: skip
            self._run("update-index", "-z", "--index-info", stdin=lines.encode(), env=index)
            return self._run("write-tree", env=index).decode().strip()
        finally:
            Path(index["GIT_INDEX_FILE"]).unlink(missing_ok=True)

    def write_commit(
        self, tree: str, parents: Sequence[str], message: str, author: Who, committer: Who
    ) -> str:
        """Keep a commit."""
        names = {
            "GIT_AUTHOR_NAME": author.name,
            "GIT_AUTHOR_EMAIL": author.email,
            "GIT_AUTHOR_DATE": author.date,
            "GIT_COMMITTER_NAME": committer.name,
            "GIT_COMMITTER_EMAIL": committer.email,
            "GIT_COMMITTER_DATE": committer.date,
        }
        above = [word for parent in parents for word in ("-p", parent)]
        text = message.encode()
        return self._run("commit-tree", tree, *above, stdin=text, env=names).decode().strip()

    def set_ref(self, ref: str, sha: str) -> None:
        """Let a ref name a commit. Raises GitError for a name that Git does not take."""
        self._run("update-ref", ref, sha)

    def delete_ref(self, ref: str) -> None:
        """Remove a ref."""
        self._run("update-ref", "-d", ref)

    def merge_tree(self, one: str, two: str) -> str:
        """The tree of a merge without conflicts, else empty."""
        done = self._try("merge-tree", "--write-tree", one, two)
        return done.stdout.decode().split("\n")[0] if done.returncode == 0 else ""

    def is_ancestor(self, one: str, two: str) -> bool:
        """Whether one commit led to the other."""
        return self._try("merge-base", "--is-ancestor", one, two).returncode == 0

    def archive(self, commit: str, folder: Path) -> None:
        """Write the files of a commit into a folder."""
        packed = self._run("archive", "--format=tar", commit)
        subprocess.run(["tar", "-xf", "-", "-C", str(folder)], input=packed, check=True)

    def _run(
        self, *words: str, stdin: bytes | None = None, env: Mapping[str, str] | None = None
    ) -> bytes:
        done = self._try(*words, stdin=stdin, env=env)
        if done.returncode != 0:
            raise GitError(done.stderr.decode(errors="replace").strip())
        return done.stdout

    def _try(
        self, *words: str, stdin: bytes | None = None, env: Mapping[str, str] | None = None
    ) -> "subprocess.CompletedProcess[bytes]":
        known = {"PATH": os.environ.get("PATH", ""), **ENVIRONMENT, **(env or {})}
        return subprocess.run(
            ["git", "--git-dir", str(self.folder), *words],
            input=stdin,
            capture_output=True,
            env=known,
            check=False,
        )


def commit_texts(
    git: GitStore, branch: str, texts: Mapping[str, str | None], message: str, who: Who
) -> str:
    """A commit upon a branch with these files (None removes), as somebody pushes it."""
    sha = commit_upon(git, git.head(branch), texts, message, who)
    git.set_ref(f"refs/heads/{branch}", sha)
    return sha


def commit_upon(
    git: GitStore, head: str, texts: Mapping[str, str | None], message: str, who: Who
) -> str:
    """A commit upon another one (none for empty) with these files, that no branch names."""
    entries = [
        Entry("100644", "blob", git.write_blob(text.encode()) if text is not None else "", path)
        for path, text in texts.items()
    ]
    base = git.commit(head).tree if head else ""
    return git.write_commit(
        git.write_tree(base, entries), [head] if head else [], message, who, who
    )


def _commit(text: str) -> CommitFacts:
    sha, tree, parents, an, ae, ad, cn, ce, cd, message = text.split(FIELD)
    return CommitFacts(
        sha, tree, parents.split(), Who(an, ae, ad), Who(cn, ce, cd), message.rstrip("\n")
    )
