"""python -m growth_admin.deploy.demo"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  (says so instead of failing on new syntax)
    sys.exit("The demo needs Python 3.11 or newer; this is " + sys.version.split()[0] + ".")

from growth_admin.deploy.demo.main import main

sys.exit(main())
