"""python -m growth_admin.deploy.demo.leash MARK: when standard input ends, end the marked."""

import sys

from growth_admin.deploy.demo.processes import end_marked

if __name__ == "__main__":
    sys.stdin.buffer.read()
    end_marked(sys.argv[1])
