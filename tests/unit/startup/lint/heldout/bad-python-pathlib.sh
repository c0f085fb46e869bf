#!/bin/bash
python3 <<'PY'
from pathlib import Path
for nb in Path.home().glob("course/**/*.ipynb"):
    nb.unlink()
PY
# expect: delete-in-home@5
