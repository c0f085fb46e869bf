"""Run the school's start scripts once and leave a record: `python3 -I -S runner.py`.

Started by before-notebook.d/50-growth.sh, which waits for one line on fd 8, and no longer than the
scripts may take. Only this file is compiled at each start; the rest comes from the byte code cache.
"""

from __future__ import annotations

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from growth_chain.start import main

if __name__ == "__main__":
    main()
