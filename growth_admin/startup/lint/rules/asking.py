"""Commands that ask a question: at a start nobody sits there to answer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from growth_admin.startup.lint.findings import Finding, words
from growth_admin.startup.lint.model import Call, Script
from growth_admin.startup.lint.places import is_temporary, is_work, normal
from growth_admin.startup.lint.rules.deleting import git_command
from growth_admin.startup.lint.rules.found import finding, is_only_if_absent

_SCREENS = words(
    "vi vim nvim nano pico emacs ed less more most man top htop btop passwd chfn chsh select "
    "nmtui whiptail dialog fzf tmux screen mc visudo gdb ftp telnet mail alsamixer tzselect"
)
_CHANGES = words(
    "install update upgrade remove create uninstall purge dist-upgrade full-upgrade autoremove "
    "clean reinstall build-dep"
)


def check(script: Script) -> Iterator[Finding]:
    """Yield commands that wait for a person."""
    for call in script.calls:
        reason = _asks(call)
        if reason is not None:
            yield finding(
                call,
                "warning",
                "interactive",
                f"{reason[0]}; at a start nobody can answer, so it fails or waits until the"
                " time limit.",
                reason[1],
            )
        if _sudo_asks(call, script):
            yield finding(
                call,
                "warning",
                "interactive",
                "sudo may ask for a password; a student has none, so the start waits or fails.",
                "Do what needs root in as-root.sh, or use sudo -n, which fails at once.",
            )


def _is_fed(call: Call) -> bool:
    has_input = any(r.op in {"<", "<<", "<<<", "<&"} for r in call.redirects)
    is_piped = call.pipe is not None and call.pipe.index > 0
    return has_input or is_piped or bool(call.feed)


def _sudo_asks(call: Call, script: Script) -> bool:
    if "sudo" not in call.wrappers or script.is_root:
        return False
    given = call.wrapper_words
    return not any(
        re.match(r"^-[a-zA-Z]*[nSu]|^--(non-interactive|stdin|user)", word) for word in given
    )


def _asks(call: Call) -> tuple[str, str] | None:
    name, values = call.name, call.values
    if name == "read" and not _is_fed(call) and not call.has("t", "u"):
        return "read waits for a typed line", "Set the value in the script or take it from a file."
    if name in _SCREENS and not _is_quiet(call):
        return f"{name} wants a person at a terminal", "Make the change with sed, cp or a setting."
    package = _package_question(call)
    if package is not None:
        return package
    if name == "git":
        return _git_question(call)
    if name in {"rm", "cp", "mv"} and call.has("i", "-i", "I", "--interactive"):
        return f"{name} -i asks before each file", "Leave out -i and name exactly what you mean."
    if name == "unzip" and not call.has("o", "n", "l", "p", "t", "Z", "v") and not _is_fed(call):
        folder = call.option("-d")
        path = normal(folder, call.cwd) if folder else call.cwd
        if not is_temporary(path) and not is_only_if_absent(call, [path]) and is_work(path):
            return "unzip asks before it replaces a file", "Say -n (keep) or -o (replace)."
    if name == "ssh-keygen" and not call.has("N", "-N", "l", "R", "F", "A", "y"):
        return "ssh-keygen asks for a passphrase", "Add -N '' -f FILE, and only if FILE is absent."
    return _login_question(call, values)


def _is_quiet(call: Call) -> bool:
    """Return whether a screen program is used in its non-interactive form."""
    if call.name in {"vi", "vim", "nvim", "emacs"}:
        return call.has("s", "-es", "--batch", "--headless", "--version", "E")
    if call.name == "visudo":
        return call.has("c", "--check")
    if call.name in {"top", "htop"}:
        return call.has("b")
    if call.name == "tmux":
        return call.has("d") or call.values[:1] not in {(), ("new",), ("attach",)}
    if call.name == "screen":
        return any("d" in value for value in call.values if value.startswith("-"))
    if call.name in {"ed", "ftp", "mail", "telnet", "less", "more", "man", "fzf", "gdb"}:
        return _is_fed(call) or (call.name in {"less", "more", "man"} and call.pipe is not None)
    if call.name == "chsh":
        return call.has("s", "--shell")
    if call.name == "passwd":
        return call.has("d", "l", "u", "S", "e", "--stdin", "--delete", "--lock") or _is_fed(call)
    return False


def _package_question(call: Call) -> tuple[str, str] | None:
    name, operands = call.name, [word.value for word in call.operands]
    if name == "python" or name.startswith("python3"):
        if call.values[:3] == ("-m", "pip", "uninstall") and not call.has("y", "--yes"):
            return "pip uninstall asks before it removes", "Add -y."
        return None
    if re.fullmatch(r"pip[0-9.]*", name):
        if operands[:1] == ["uninstall"] and not call.has("y", "--yes"):
            return "pip uninstall asks before it removes", "Add -y."
        return None
    agreed = call.has(
        "y",
        "--yes",
        "--assume-yes",
        "--assumeyes",
        "--quiet=2",
        "-qq",
        "--dry-run",
        "--force-yes",
        "s",
        "--noconfirm",
        "--non-interactive",
    )
    if agreed or any(re.match(r"^-\w*qq", v) for v in call.values) or _is_fed(call):
        return None
    if name in {"apt", "apt-get", "aptitude", "yum", "dnf", "zypper"}:
        asking = _CHANGES - {"update", "clean", "create"}
        if name in {"yum", "dnf", "zypper"}:
            asking = asking | {"update"}
        if set(operands) & asking:
            return f"{name} asks 'Do you want to continue?'", f"Add -y: {name} install -y ..."
    if name in {"conda", "mamba", "micromamba"} and operands:
        is_change = operands[0] in _CHANGES
        is_env = operands[:2] == ["env", "remove"]
        if (is_change or is_env) and not any("ALWAYS_YES" in a for a in call.assignments):
            return f"{name} asks 'Proceed ([y]/n)?'", f"Add -y: {name} {operands[0]} -y ..."
    return None


def _git_question(call: Call) -> tuple[str, str] | None:
    subcommand, rest, _ = git_command(call)
    given = {value.split("=", 1)[0] for value in rest}
    if any(re.match(r"(GIT_EDITOR|EDITOR)=", a) for a in call.assignments):
        return None
    if subcommand == "commit":
        has_text = any(re.match(r"^-[a-z]*[mFC]", value) for value in rest)
        if not has_text and not given & {
            "--message",
            "--file",
            "--no-edit",
            "--reuse-message",
            "--fixup",
            "--dry-run",
        }:
            return "git commit opens an editor for the message", "Add -m 'text'."
    if subcommand in {"rebase", "add", "checkout", "stash", "reset", "clean"}:
        flags = {"rebase": {"-i", "--interactive"}, "clean": {"-i", "--interactive"}}
        if given & flags.get(subcommand, {"-p", "--patch", "-i", "--interactive"}):
            return f"git {subcommand} asks step by step", "Leave out -i and -p."
    return None


def _login_question(call: Call, values: tuple[str, ...]) -> tuple[str, str] | None:
    name, first = call.name, values[:2]
    logins = {
        ("gh", "auth", "login"),
        ("gcloud", "auth", "login"),
        ("docker", "login"),
        ("huggingface-cli", "login"),
        ("wandb", "login"),
        ("aws", "configure"),
        ("jupyter", "server"),
        ("jupyter", "notebook"),
        ("jupyter", "lab"),
        ("npm", "init"),
        ("npm", "login"),
        ("crontab", "-e"),
        ("podman", "login"),
        ("gcloud", "init"),
    }
    if name == "jupyter":
        if first[1:2] == ("password",):
            return "jupyter asks for a new password", "Set the hashed password in a config file."
        return None
    if name == "aws" and first[1:2] in {("set",), ("get",), ("list",), ("import",)}:
        return None
    tuples = {(name, *values[:1]), (name, *values[:2])}
    if (
        tuples & logins
        and not _is_fed(call)
        and not call.has(
            "--with-token",
            "--password-stdin",
            "--token",
            "y",
            "--yes",
            "p",
            "--password",
            "--cred-file",
            "--relogin",
        )
    ):
        return f"{name} {values[0]} asks for an answer", "Do this once, by hand, outside the start."
    is_bare = not values and not _is_fed(call) and call.program.value == name
    is_bare = is_bare and not call.is_background and not call.is_substitution
    if is_bare and re.fullmatch(r"python[0-9.]*|ipython|bash|sh|zsh|R|julia|node|irb", name):
        return f"{name} alone opens a prompt", "Give it a script or -c."
    is_told = call.has("--disabled-password", "--gecos", "S", "D", "--system")
    if name == "adduser" and not is_told and len(call.operands) == 1:
        return "adduser asks for a password and a name", "Use useradd -m NAME."
    return None
