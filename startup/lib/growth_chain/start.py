"""One start, from beginning to end."""

from __future__ import annotations

import os
import pwd

from . import children, execution, groups, publish, receipts, scripts
from .keeper import Command
from .output import Output
from .record import Moment, Record, ScriptReport
from .settings import SCRIPTS, Settings
from .workplace import Workplace

ANSWER_DESCRIPTOR = 8
_LATE_PUBLISHING_S = 600
_SICK_PUBLISHING_S = 0.2

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def main() -> None:
    """Run the start and answer the shim with one line, whatever happened."""
    try:
        os.setsid()
    except PermissionError:
        pass  # already a session of its own
    os.set_inheritable(ANSWER_DESCRIPTOR, False)
    try:
        verdict = _start()
    except Exception as broken:  # the last line of defence: the shim must hear of it
        verdict = f"the runner itself failed: {_place(broken)}; the server starts"
    try:
        os.write(ANSWER_DESCRIPTOR, verdict.replace("\n", " ")[:2000].encode() + b"\n")
    except OSError:
        pass  # the shim has stopped waiting
    os._exit(0)


def _place(broken: BaseException) -> str:
    trace = broken.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
    return f"{type(broken).__name__} at {where}"


def _start() -> str:
    """Do the start and return its verdict in one line."""
    settings = Settings(dict(os.environ), is_root=os.geteuid() == 0)
    record = Record(settings, Moment())
    found = _fetch(settings)
    if settings.is_root:
        record.notes += groups.add(settings.user, settings.group_ids)
    workplace = Workplace()
    try:
        for script in found:
            record.reports.append(_run(script, settings, workplace))
    finally:
        workplace.clear()
    told = receipts.pass_on(settings)
    record.data, record.home = told.data, told.home
    record.notes += told.notes
    _publish(settings, record, is_sick=found[0].state == "sick-mount")
    words = [report.summary for report in record.reports] + record.notes
    return "; ".join(words)


def _fetch(settings: Settings) -> list[scripts.Script]:
    folder = settings.scripts_folder
    if folder is None:
        reason = "GROWTH_SCRIPTS_REVISION is not the id of a candidate"
        settings.notes.append(reason)
        return [scripts.Script(name, "missing", reason) for name in SCRIPTS]
    return scripts.fetch(folder, settings.mount_limit_s)


def _run(script: scripts.Script, settings: Settings, workplace: Workplace) -> ScriptReport:
    """Run one script, if it can be run, and report."""
    output = Output()
    log_name = f"{settings.file_stem}-{script.name.removesuffix('.sh')}.log"
    run_as = "root" if settings.is_root and script.name == SCRIPTS[0] else settings.user
    outcome = None
    if script.state == "ok":
        try:
            command = _command(script, settings, workplace)
        except OSError as failed:
            script.state, script.reason = "skipped", str(failed)
        else:
            outcome = execution.run(command, settings.script_limit_s, output)
    reason = outcome.reason if outcome else script.reason
    if reason:
        output.say(reason)
    return ScriptReport(script, run_as, log_name, outcome, output)


def _command(script: scripts.Script, settings: Settings, workplace: Workplace) -> Command:
    """The local copy with its environment and its user. Raises OSError if that cannot be had."""
    environ = dict(settings.environ)
    environ["GROWTH_ADMIN_ROOT"] = settings.admin_root
    environ["GROWTH_SHARED_ROOT"] = settings.shared_root
    # Where the script was read from: $0 is a copy.
    environ["GROWTH_START_DIR"] = settings.scripts_folder or ""
    uid, gid = os.geteuid(), os.getegid()
    become = _stay
    if script.name != SCRIPTS[0]:
        if settings.is_root:
            account = _account(settings.user)
            uid, gid = account.pw_uid, account.pw_gid
            environ.update(HOME=account.pw_dir, USER=settings.user, LOGNAME=settings.user)
            become = _becoming(account)
        else:
            become = _entering(environ.get("HOME", "/"))
    return Command(workplace.put(script.name, script.text, uid, gid), environ, become)


def _account(user: str) -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(user)
    except KeyError:
        raise OSError(f"there is no user {user} in this container") from None


def _stay() -> None:
    """as-root.sh runs where the container started."""


def _becoming(account: pwd.struct_passwd) -> Callable[[], None]:
    """Turns the script's own process into the user, with all groups of /etc/group, at home."""

    def become() -> None:
        os.initgroups(account.pw_name, account.pw_gid)
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)
        _entering(account.pw_dir)()

    return become


def _entering(home: str) -> Callable[[], None]:
    """Goes home. In the script's own process, because a home may be a sick mount too."""

    def enter() -> None:
        try:
            os.chdir(home)
        except OSError:
            os.chdir("/")

    return enter


def _publish(settings: Settings, record: Record, *, is_sick: bool) -> None:
    """Publish within the limit; hardly wait for a mount that has already hung.

    The child that publishes goes on for a while: if the mount answers again, the record arrives.
    """
    answer = children.ask(
        lambda say: _tell(settings, record, say),
        _SICK_PUBLISHING_S if is_sick else settings.mount_limit_s,
        linger_s=_LATE_PUBLISHING_S,
    )
    if answer.messages:
        record.notes.append(answer.messages[0][0].decode("utf-8", "replace"))
    elif not answer.is_complete:
        record.notes.append(f"no record yet: {settings.logs_folder} does not answer")


def _tell(settings: Settings, record: Record, say: Callable[..., None]) -> None:
    try:
        publish.publish(settings, record)
    except OSError as failed:
        is_refused = settings.is_root and isinstance(failed, PermissionError)
        why = f"{failed.strerror} ({scripts.SQUASHED})" if is_refused else failed.strerror
        say(f"no record in {settings.logs_folder}: {why}".encode())
