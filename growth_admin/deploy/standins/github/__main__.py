"""python -m growth_admin.deploy.standins.github"""

import sys

from growth_admin.deploy.standins.github.server import main

sys.exit(main())
