"""A stand-in for Google Drive: its web pages, downloads, API v3 and service accounts, over HTTP.

One port plays drive.google.com, docs.google.com, drive.usercontent.google.com and
www.googleapis.com; their paths do not collide. A request that came for one of those hosts (its
``Host`` header says so) is answered with links to them, any other with links to this server.

In a test: ``with DriveStandin() as drive: ...`` (see `standin`). As a process: ``python -m
growth_admin.deploy.standins.drive --help``. Failures are switched on from outside: see `faults` and
`control`.
"""
