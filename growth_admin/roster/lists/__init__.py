"""Lists of people as organisers have them: spreadsheets, form answers, exports, pasted text.

``reading.read_list`` is the door in, ``export.export_csv`` the door out. Nothing here asks a
network or a clock: the same bytes give the same people.
"""

from growth_admin.roster.lists.export import export_csv
from growth_admin.roster.lists.reading import read_list

__all__ = ["export_csv", "read_list"]
