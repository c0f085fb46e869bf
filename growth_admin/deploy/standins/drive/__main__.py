"""python -m growth_admin.deploy.standins.drive"""

import sys

from growth_admin.deploy.standins.drive.server import main

sys.exit(main())
