"""Runs inside a server of the image, as its owner: tries every wall, says what gave way.

Started by the real chain in place of the server, with the orders as JSON in argv[1]: name -> shell
text that ends with 0 exactly if it got through. Prints one JSON line per attempt.
"""

import json
import subprocess
import sys

orders: dict[str, str] = json.loads(sys.argv[1])
for name, text in orders.items():
    try:
        done = subprocess.run(
            ["bash", "-c", text],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=60,
        )
        code, said = done.returncode, (done.stdout + done.stderr)[-300:]
    except subprocess.TimeoutExpired:
        code, said = 124, "still waiting"
    print(json.dumps({"attempt": name, "code": code, "said": said}), flush=True)
