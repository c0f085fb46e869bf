#!/usr/bin/env python3
"""A start script may be Python as well."""
import os
from pathlib import Path

link = Path.home() / "data"
if not link.is_symlink():
    os.symlink("/nfs/data", link)
