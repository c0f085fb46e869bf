#!/bin/bash
python3 -c "
import shutil, pathlib
shutil.copytree('/nfs/data/cubes', pathlib.Path.home() / 'cubes', dirs_exist_ok=True)
"
# expect: copy-from-shared@4
