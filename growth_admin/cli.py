"""``growth-admin``: the same managers from a terminal, for when JupyterLab does not work.

Here the walls are the files' owners and the hub's token, not the handlers' gate. Exit code 0 done,
1 refused or failed with one line on stderr, 2 usage.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from pydantic import ValidationError
from traitlets import TraitError

from growth_admin import __version__
from growth_admin.configuration import split_options
from growth_admin.core.errors import GrowthError


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    from growth_admin import cli_areas

    parser = argparse.ArgumentParser(
        prog="growth-admin",
        description="Run a school's JupyterHub from a terminal.",
        epilog="Settings as for the server: --GrowthAdmin.shared_root=/nfs and so on, anywhere.",
    )
    parser.add_argument("--version", action="version", version=f"growth-admin {__version__}")
    areas = parser.add_subparsers(metavar="AREA", required=True)
    areas.add_parser("demo", help="run a whole school on this machine", add_help=False)
    cli_areas.add_commands(areas)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == ["demo"]:
        from growth_admin.deploy.demo.main import main as run_demo

        return run_demo(arguments[1:])
    options, arguments = split_options(arguments)
    asked = build_parser().parse_args(arguments)
    asked.options = options
    try:
        return int(asked.run(asked))
    except GrowthError as e:
        print(f"growth-admin: {e.detail} {e.hint}".rstrip(), file=sys.stderr)
        return 1
    except ValidationError as e:
        wrong = "; ".join(
            f"{'.'.join(map(str, row['loc']))}: {row['msg']}"
            for row in e.errors(include_url=False, include_input=False)
        )
        print(f"growth-admin: not valid: {wrong}", file=sys.stderr)
        return 1
    except TraitError as e:  # names the class and the setting
        print(f"growth-admin: a setting is not valid: {e}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("growth-admin: interrupted. What goes on: growth-admin jobs list", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 1
    except OSError as e:  # of a place or a server that no command expected to fail
        where = f"{e.filename}: " if e.filename else ""
        print(f"growth-admin: {where}{e.strerror or e}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
