"""python -m growth_admin.deploy.demo.leash MARK LOCK: when standard input ends, end the marked."""

import fcntl
import sys

from growth_admin.deploy.demo.processes import end_marked

if __name__ == "__main__":
    mark, lock = sys.argv[1:]
    with open(lock, "w", encoding="ascii") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        sys.stdin.buffer.read()
        end_marked(mark)
