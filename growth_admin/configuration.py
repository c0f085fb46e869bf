"""Settings for the terminal: the same classes, files and options as those of the server.

``--Class.trait=value`` anywhere on the command line wins over the configuration files of Jupyter
(``jupyter_server_config`` and ``jupyter_growth_admin_config`` in the folders that ``jupyter
--paths`` names), as for ``jupyter server`` itself.

Source: traitlets, "Configuring applications"; jupyter_server, "Configuring extensions".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from jupyter_core.paths import jupyter_config_path
from traitlets.config import Config
from traitlets.config.application import Application
from traitlets.config.loader import DeferredConfigString

from growth_admin.core.errors import InvalidInput

_OPTION: Final = re.compile(r"--[A-Z]\w*\.[a-z]\w*=.*", re.DOTALL)
_FILES: Final = ("jupyter_config", "jupyter_server_config", "jupyter_growth_admin_config")


def split_options(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the settings among the arguments, and the rest."""
    options = [argument for argument in arguments if _OPTION.fullmatch(argument)]
    return options, [argument for argument in arguments if argument not in options]


def read_configuration(options: Sequence[str], *, file: str = "") -> Config:
    """Return what the configuration files, ``file`` and the options say.

    Raises ``InvalidInput`` for a file that cannot be read.
    """
    config = Config()
    folders = [str(folder) for folder in jupyter_config_path()]
    for name in _FILES:
        config.merge(_read(name, folders))
    if file:
        path = Path(file).absolute()
        if not path.is_file():
            raise InvalidInput(f"There is no configuration file {file}.", hint="Check --config.")
        config.merge(_read(path.name.removesuffix(".py").removesuffix(".json"), [str(path.parent)]))
    for option in options:
        name, _, value = option.removeprefix("--").partition("=")
        section, _, trait = name.partition(".")
        config[section][trait] = DeferredConfigString(value)
    return config


def _read(name: str, folders: list[str]) -> Config:
    found = Config()
    try:
        for part, _ in Application._load_config_files(
            name, path=folders, log=None, raise_config_file_errors=True
        ):
            found.merge(part)
    except Exception as e:  # a configuration file is Python, and may raise anything
        raise InvalidInput(
            f"The configuration file {name} cannot be read: {type(e).__name__}: {e}",
            hint="Mend it, or move it away.",
        ) from e
    return found


def value_of(config: Config, section: str, trait: str, otherwise: Any) -> Any:
    """Return a setting of a class that is not made here, in the type of ``otherwise``.

    Raises ``InvalidInput`` for what cannot be of that type.
    """
    if trait not in config[section]:
        return otherwise
    try:
        return type(otherwise)(str(config[section][trait]))
    except ValueError as e:
        raise InvalidInput(
            f"{section}.{trait} is not valid: {e}.", hint="Mend the option or the file."
        ) from None
