"""One file over one connection: received and written here, hashed in a second thread."""

from __future__ import annotations

from typing import Final

from growth_admin.datasets.facts import Opened, SourceProblem
from growth_admin.datasets.fetch.digest import Buffers, HashThread
from growth_admin.datasets.fetch.direct import until_page
from growth_admin.datasets.fetch.disk import disk_errors
from growth_admin.datasets.fetch.pace import Patience
from growth_admin.datasets.fetch.part import Part
from growth_admin.datasets.fetch.run import Run

MOST_WRONG_RANGES: Final = 2


def fetch_stream(run: Run, part: Part, buffers: Buffers, opened: Opened | None = None) -> None:
    """Fetch the rest of a part, trying again as long as it makes sense.

    ``opened`` is a connection that begins where the part ends. A small new file stays in memory
    (``part.content``). Raises ``SourceProblem``, ``Stopped``, ``StorageFull``.
    """
    patience = Patience(run.settings)
    patience.reached(part.frontier)
    while True:
        try:
            if opened is None:
                opened = _open(run, part, buffers)
            if opened is not None:
                _take(run, part, buffers, opened)
            return
        except SourceProblem as problem:
            patience.reached(part.frontier)
            if part.frontier and (not part.can_resume or part_is_useless(part, problem)):
                run.drop(part)
            run.wait_retry(patience, problem)
        finally:
            if opened is not None:
                opened.close()
                opened = None


def part_is_useless(part: Part, problem: SourceProblem) -> bool:
    """Return whether the source has shown that it cannot continue what is there."""
    part.wrong_ranges += problem.code == "wrong_range"
    return part.wrong_ranges >= MOST_WRONG_RANGES


def _open(run: Run, part: Part, buffers: Buffers) -> Opened | None:
    """Open the file where the part ends; nothing if there is nothing left to fetch."""
    start = part.frontier
    part.spans = part.spans[:1] if start else []
    if start and part.digester.hashed < start:
        with disk_errors(part.path):
            part.digester.catch_up(part.fd, start, run.halt.check, buffers[0])
    if start and start == part.total:
        return None
    opened = run.open(part.file, start=start, validator=part.validator)
    try:
        _agree(run, part, opened, start)
    except BaseException:
        opened.close()
        raise
    return opened


def _agree(run: Run, part: Part, opened: Opened, start: int) -> None:
    """See that what comes continues what is there, or start over."""
    if start and opened.start == start:
        if not run.is_same(part, opened):
            run.start_over(part)
            raise SourceProblem(
                "changed_during_download",
                f"{part.file.path} was changed at the source.",
                is_retryable=True,
            )
        part.is_mixed = True
        if part.total is None:
            part.total = opened.total_bytes
        return
    if opened.start != 0:
        raise SourceProblem(
            "wrong_range",
            f"The source answered from byte {opened.start} of {part.file.path}; "
            f"byte {start} was asked for.",
            hint="Start the job again; if it lasts, the source is broken.",
            is_retryable=True,
        )
    if start and run.is_same(part, opened):
        run.drop(part)  # the source knows no ranges
    elif start:
        run.start_over(part)
    run.learn(part, opened)


def _take(run: Run, part: Part, buffers: Buffers, opened: Opened) -> None:
    """Take the body to its end."""
    intake = run.intake(opened)
    buffer = buffers[0]
    most = run.portion_bytes
    size = intake.fill(memoryview(buffer)[: until_page(most, part.frontier)])
    if not part.frontier and (part.total is None or part.total <= most):
        while size < most and not intake.is_ended:
            size += intake.fill(memoryview(buffer)[size:most])
        if intake.is_ended:
            _keep_in_memory(run, part, memoryview(buffer)[:size])
            return
    part.open()
    with HashThread(part.digester, buffers) as hashing:
        while size or not intake.is_ended:
            _put(run, part, memoryview(buffer)[:size])
            buffer = hashing.swap(buffer, size)
            room = memoryview(buffer)[: until_page(most, part.frontier)]
            size = 0 if intake.is_ended else intake.fill(room)
    _see_end(part)


def _keep_in_memory(run: Run, part: Part, content: memoryview) -> None:
    if part.total is not None and len(content) != part.total:
        raise _wrong_length(part, len(content))
    part.total = len(content)
    part.digester.update(content)
    part.content = content
    run.count(len(content))


def _put(run: Run, part: Part, data: memoryview) -> None:
    """Write what comes next."""
    start = part.frontier
    end = start + len(data)
    if part.total is not None and end > part.total:
        raise _wrong_length(part, end)
    part.write(data, start)
    run.count(len(data))
    run.keeper.wrote(part, start, end)


def _see_end(part: Part) -> None:
    if part.total is None:
        part.total = part.frontier
    elif part.frontier != part.total:
        raise _wrong_length(part, part.frontier)


def _wrong_length(part: Part, size: int) -> SourceProblem:
    """Return the problem of a body that does not have the length it should have."""
    return SourceProblem(
        "short_body",
        f"{part.file.path}: the source sent {'more' if size > (part.total or 0) else 'only'} "
        f"{size} of {part.total} bytes.",
        hint="Start the job again; if it lasts, the source is broken.",
        is_retryable=True,
    )
