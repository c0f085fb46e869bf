"""Lines of the lists: what is read of them, and that a change touches no other line."""

from __future__ import annotations

import pytest

from growth_admin.core.errors import InvalidInput, NotFound
from growth_admin.images.packages.lists import edit, read
from growth_admin.images.packages.models import ListName, PackageChange

PIP = """\
# What the notebooks import.
astropy==8.0.2
Dask[complete] == 2026.7.0 ; python_version > "3.8"  # for Tuesday

scipy==1.17.1
"""


ODD = "x[a\n--index-url http://evil\nb]"


def change(verb: str, name: str, version: str = "", which: ListName = "pip") -> PackageChange:
    return PackageChange.model_validate(
        {"verb": verb, "name": name, "version": version, "list": which}
    )


def test_pip_when_read_then_names_versions_and_remarks_are_told() -> None:
    packages, findings = read("pip", PIP)
    assert [(one.name, one.version, one.line) for one in packages] == [
        ("astropy", "8.0.2", 2), ("Dask[complete]", "2026.7.0", 3), ("scipy", "1.17.1", 5),
    ]  # fmt: skip
    assert packages[1].remark == "for Tuesday"
    assert not findings


@pytest.mark.parametrize(
    ("which", "line", "code"),
    [
        ("pip", "numpy", "unpinned"),
        ("pip", "numpy>=2,<3", "unpinned"),
        ("pip", "numpy==2.*", "unpinned"),
        ("pip", "numpy = 2", "not-a-package"),
        ("pip", "-e .", "not-checked"),
        ("pip", "git+https://example.org/x.git", "not-checked"),
        ("pip", "numpy==2.0 --hash=sha256:ab", "not-checked"),
        ("pip", "numpy==2.0 \\", "not-checked"),
        ("pip", "--extra-index-url=https://example.org/simple", "other-index"),
        ("conda", "gsl", "unpinned"),
        ("conda", "gsl 2.7 what is this?", "unpinned"),
        ("apt", "Git", "not-a-package"),
        ("apt", "git; rm -rf /", "not-a-package"),
        ("apt", "-oDir::Etc=/tmp", "not-a-package"),
        ("pip", "numpy==2.0\r", "crlf"),
    ],
)
def test_line_when_something_is_wrong_then_it_is_found(
    which: ListName, line: str, code: str
) -> None:
    assert code in [finding.code for finding in read(which, f"{line}\n")[1]]


def test_package_when_it_stands_twice_in_two_spellings_then_it_is_found() -> None:
    (found,) = read("pip", "Foo.Bar==1\nfoo-bar==2\n")[1]
    assert (found.code, found.line, found.severity) == ("twice", 2, "error")


def test_package_when_each_line_is_for_other_pythons_then_no_build_fails_for_it() -> None:
    either = "numpy==1.26.4; python_version < '3.13'\nnumpy==2.3.1; python_version >= '3.13'\n"
    (found,) = read("pip", either)[1]
    assert (found.code, found.severity) == ("twice", "info")
    for other in ("numpy==2.3.1", "numpy==2.3.1; python_version < '3.13'"):
        assert read("pip", f"{either.splitlines()[0]}\n{other}\n")[1][0].severity == "error"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (change("pin", "dask", "2026.8.0"), PIP.replace(" == 2026.7.0 ", "==2026.8.0 ")),
        (change("pin", "ASTROPY", "8.1"), PIP.replace("8.0.2", "8.1")),
        (change("remove", "astropy"), PIP.replace("astropy==8.0.2\n", "")),
        (change("add", "bokeh", "3"), PIP.replace("8.0.2\n", "8.0.2\nbokeh==3\n")),
        (change("add", "zarr[remote]", "3.1"), PIP + "zarr[remote]==3.1\n"),
        (change("add", "aaa", "1"), PIP.replace("astropy", "aaa==1\nastropy", 1)),
    ],
)
def test_list_when_changed_by_name_then_no_other_line_changes(
    asked: PackageChange, expected: str
) -> None:
    assert edit(PIP, asked) == expected


def test_list_when_it_is_in_no_order_then_a_package_is_added_at_its_end() -> None:
    assert edit("b==1\na==1\n", change("add", "aa", "2")) == "b==1\na==1\naa==2\n"
    assert edit("# none yet", change("add", "aa", "2")) == "# none yet\naa==2\n"


@pytest.mark.parametrize(
    ("which", "before", "version", "after"),
    [
        ("conda", "conda-forge::gsl=2.7=h1\n", "2.8", "conda-forge::gsl=2.8\n"),
        ("conda", "gsl  # for C\n", "2.8", "gsl=2.8  # for C\n"),
        ("conda", "gsl >=2\n", "2.8", "gsl=2.8\n"),
        ("apt", "git  # nbgitpuller\n", "1:2.3-0+deb12u3", "git=1:2.3-0+deb12u3  # nbgitpuller\n"),
    ],
)
def test_list_when_pinned_then_it_is_written_as_that_tool_reads_it(
    which: ListName, before: str, version: str, after: str
) -> None:
    name = "git" if which == "apt" else "gsl"
    assert edit(before, change("pin", name, version, which)) == after


@pytest.mark.parametrize(
    ("before", "asked", "after"),
    [
        ("a==1\r\nc==1\r\n", change("pin", "a", "2"), "a==2\r\nc==1\r\n"),
        ("a==1\r\nc==1\r\n", change("add", "b", "2"), "a==1\r\nb==2\r\nc==1\r\n"),
        ("a==1\r\nb==1\nc==1", change("remove", "b"), "a==1\r\nc==1"),
        ("a==1\nb==1", change("pin", "a", "2"), "a==2\nb==1"),
        ("a==1\nb==1", change("pin", "b", "2"), "a==1\nb==2"),
        ("a==1\nb==1", change("add", "c", "2"), "a==1\nb==1\nc==2\n"),
        ("a==1 # \u2028x\r\n\r\nb==1\n", change("pin", "b", "2"), "a==1 # \u2028x\r\n\r\nb==2\n"),
        ("", change("add", "a", "1"), "a==1\n"),
    ],
)
def test_list_when_lines_end_in_other_ways_then_each_ends_as_before(
    before: str, asked: PackageChange, after: str
) -> None:
    assert edit(before, asked) == after


def test_change_when_it_makes_no_sense_then_it_is_refused() -> None:
    with pytest.raises(InvalidInput, match="line 2"):
        edit(PIP, change("add", "Astropy", "9"))
    with pytest.raises(NotFound):
        edit(PIP, change("remove", "numpy"))
    for name in ("a b", "x==1", "--index-url=http://evil", "x @ http://evil", "x;y", "x\ny", ODD):
        with pytest.raises(InvalidInput):
            edit(PIP, change("add", name, "1"))
    for version in ("1 ; x", "1\n--extra-index-url http://evil", "1,2"):
        with pytest.raises(InvalidInput):
            edit(PIP, change("add", "numpy", version))


def test_package_when_it_comes_from_an_address_then_that_is_told_without_a_login() -> None:
    line = "x @ git+https://robot:pass-phrase@example.org/x.git@{} ; python_version > '3'\n"
    (old,), (new,) = read("pip", line.format("v1"))[0], read("pip", line.format("v2"))[0]
    assert old.spec.startswith("@ git+https://***@example.org/x.git@v1")
    assert old.spec != new.spec and not old.version
    with pytest.raises(InvalidInput, match="address"):
        edit(line.format("v1"), change("pin", "x", "2"))
    assert edit(line.format("v1"), change("remove", "x")) == ""
