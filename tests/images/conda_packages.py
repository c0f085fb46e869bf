"""Packages of conda that tests try: for Python, programs, and what cannot be installed."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from tests.images.package_index import PLACEHOLDER, Index

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
NEXT = f"{sys.version_info.major}.{sys.version_info.minor + 1}"


def publish(index: Index) -> None:
    """Publish them all."""
    for version in (PYTHON, NEXT):
        run_it = {f"bin/python{version}": f'#!/bin/sh\nexec {sys.executable} "$@"\n'}
        index.add_conda("python", f"{version}.9", files=run_it)
    index.add_conda(
        "source-extractor",
        "2.28",
        files={
            "bin/sex": f'#!/bin/sh\necho "sex of {PLACEHOLDER}, $1"\n',
            "bin/.source-extractor-post-link.sh": '#!/bin/sh\ntouch "$PREFIX/linked"\n',
            "etc/conda/activate.d/sex.sh": "export SEX_DATA=$CONDA_PREFIX/'share/$sex'\n",
        },
    )
    add_module(index, "stars", "1.0", "MAGNITUDE = 17.2\n", needs=["source-extractor >=2"])
    add_module(index, "tqdm", "99.0", "NEW = True\n")
    add_module(index, "broken", "1.0", "raise ImportError('libgsl.so.27: not found')\n")
    index.add_conda("of-next", "1.0", needs=[f"python >={NEXT}"], files={})
    index.add_conda("needy", "1.0", needs=["nowhere >=2"], files={})
    index.add_conda("old", "1.0", needs=["gsl <2"], files={})
    index.add_conda("new", "1.0", needs=["gsl >=2"], files={})
    index.add_conda("gsl", "1.9", files={})
    index.add_conda("gsl", "2.7", files={"lib/gsl.txt": "x" * 600_000})
    index.add_conda("lost", "1.0")


def add_module(
    index: Index, name: str, version: str, text: str, *, needs: Sequence[str] = ()
) -> None:
    """Publish a package for each Python, as conda-build makes it."""
    told = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    files = {
        f"site-packages/{name}/__init__.py": text,
        f"site-packages/{name}-{version}.dist-info/METADATA": told,
    }
    index.add_conda(name, version, needs=["python >=3.8", *needs], files=files, is_python=True)
