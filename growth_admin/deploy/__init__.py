"""What a school needs around the extension: the hub's configuration, a local school, stand-ins."""

from pathlib import Path


def hub_config_path() -> Path:
    """The hub's configuration for a school, to be loaded by JupyterHub."""
    return Path(__file__).parent / "hub_config.py"
