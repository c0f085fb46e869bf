"""What an observatory would share: light curves, spectra, archives, and everything that goes wrong.

Made up, small, and the same each time.
"""

import io
import math
import random
import tarfile
import zipfile
from collections.abc import Sequence

from growth_admin.deploy.standins.drive.content import MadeContent
from growth_admin.deploy.standins.drive.faults import Faults
from growth_admin.deploy.standins.drive.world import (
    MADE_UP_TIME,
    Item,
    World,
    id_for,
    service_email,
)

ACCOUNT = "growth-data"
API_KEY_FILE = "drive-api-key"
SERVICE_ACCOUNT_FILE = "drive-service-account.json"
SCAN_LIMIT_BYTES = 2 * 2**20
"""From here on the sample's files get the virus-scan form; at Google it is about 100 MB."""
MADE_FOLDER = "Made-up files"

STARS, ARCHIVES, TROUBLE = "Variable stars", "Archives", "What can go wrong"
STAR_NAMES = {"RR Lyrae": 0.5669, "Delta Cephei": 5.3663, "Mira": 331.96, "Algol": 2.8673}
NIGHTS = 240


def link(site: str, *names: str) -> str:
    """The link to the item with these names, from the topmost folder on."""
    found = ""
    for name in names:
        found = id_for(name, found)
    kind = "file/d/{}/view" if "." in names[-1] else "drive/folders/{}"
    return f"{site}/{kind.format(found)}?usp=sharing"


def furnish(world: World, faults: Faults) -> None:
    """Put the sample into an empty world."""
    stars = _stars(world)
    _archives(world)
    _trouble(world, faults, stars)


def _stars(world: World) -> Item:
    stars = world.add_folder(STARS)
    world.add_file("README.md", README.encode(), stars)
    curves = world.add_folder("light curves", stars)
    for name, period_days in STAR_NAMES.items():
        world.add_file(f"{name}.csv", _light_curve(name, period_days), curves)
    table = {"csv": _observers_csv(), "xlsx": _workbook(_observers())}
    world.add_document("Observers", "spreadsheet", table, stars)
    return stars


def _archives(world: World) -> None:
    folder = world.add_folder(ARCHIVES)
    files = {f"spectra/{name}.csv": _spectrum(name) for name in STAR_NAMES}
    world.add_file("spectra.zip", _zip(files), folder)
    world.add_file("spectra.tar.gz", _tar_gz(files), folder)
    world.add_file("sky-survey.fits", MadeContent(3 * 2**20, "sky survey"), folder)


def _trouble(world: World, faults: Faults, stars: Item) -> None:
    folder = world.add_folder(TROUBLE)
    world.add_shortcut("Variable stars (shortcut)", stars, folder)
    world.add_file("not-shared.csv", b"private\n", folder, is_shared=False)
    quota = world.add_file("too-popular.csv", _light_curve("Mira", 331.96), folder)
    faults.add("quota", item=quota.id, where="download")
    faults.add("quota", item=quota.id, where="media")
    world.add_file(
        "for-the-school-only.csv",
        _light_curve("RS Ophiuchi", 453.6),
        folder,
        is_shared=False,
        readers=[service_email(ACCOUNT)],
    )
    world.add_file("old-link.csv", b"a,b\n1,2\n", folder, resource_key="0-Xk3yR7nB2mQwErTyUiOpAs")


README = """# Variable stars

Light curves of four variable stars, made up for teaching: `time_days,magnitude,error`.
One file per star in `light curves/`; periods are near the real ones.
"""


def _light_curve(name: str, period_days: float) -> bytes:
    chance = random.Random(name)
    lines = ["time_days,magnitude,error"]
    for night in range(NIGHTS):
        time_days = night * 1.003 + chance.uniform(0, 0.3)
        phase = 2 * math.pi * time_days / period_days
        magnitude = 8 + 0.6 * math.sin(phase) + 0.2 * math.sin(2 * phase) + chance.gauss(0, 0.02)
        lines.append(f"{time_days:.4f},{magnitude:.3f},0.020")
    return ("\n".join(lines) + "\n").encode()


def _spectrum(name: str) -> bytes:
    chance = random.Random(name)
    lines = ["wavelength_nm,flux"]
    for wavelength_nm in range(380, 780, 2):
        dip = 0.4 * math.exp(-(((wavelength_nm - 656) / 4) ** 2))
        lines.append(f"{wavelength_nm},{1 - dip + chance.gauss(0, 0.01):.4f}")
    return ("\n".join(lines) + "\n").encode()


def _zip(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 9, 21, 12, 0, 0)), data)
    return out.getvalue()


def _tar_gz(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mtime = len(data), MADE_UP_TIME
            archive.addfile(member, io.BytesIO(data))
    return out.getvalue()


def _observers() -> list[tuple[str, str, str]]:
    return [
        ("observer", "site", "telescope"),
        ("Ada Okafor", "Abuja", "0.3 m"),
        ("Marek Lind", "Toruń", "0.6 m"),
        ("Priya Natarajan", "Hanle", "2.0 m"),
    ]


def _observers_csv() -> bytes:
    return "".join(",".join(row) + "\r\n" for row in _observers()).encode()


def _workbook(rows: Sequence[Sequence[str]]) -> bytes:
    """The smallest workbook that spreadsheet programs open (ECMA-376)."""
    cells = "".join(
        "<row>" + "".join(f'<c t="inlineStr"><is><t>{c}</t></is></c>' for c in row) + "</row>"
        for row in rows
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
        'relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/>'
        "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet '
        'name="Observers" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="rId1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
        "</Relationships>",
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData>'
        "</worksheet>",
    }
    return _zip({name: (head + text).encode() for name, text in parts.items()})
