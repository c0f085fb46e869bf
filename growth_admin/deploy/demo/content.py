"""What lies on the school's disks: start scripts, a small dataset, a notebook, homes."""

import math
import shutil
from pathlib import Path

from growth_admin.deploy.demo.folder import DemoFolder
from growth_admin.deploy.demo.shipped import shipped

DAYS = 365
LIVE_SCRIPTS = ("as-root.sh", "as-user.sh")


def furnish(folder: DemoFolder) -> None:
    """Put what is missing in its place; what is there stays as it is."""
    start = folder.admin / "start"
    logs = folder.admin / "logs" / "records"
    for place in (start, logs, folder.shared / "data" / "weather", folder.shared / "bin"):
        place.mkdir(parents=True, exist_ok=True)
    source = shipped("startup")
    for name in LIVE_SCRIPTS:
        if source and (source / name).is_file() and not (start / name).exists():
            shutil.copy2(source / name, start / name)
            (start / name).chmod(0o755)
    _write_new(folder.shared / "data/weather/daily.csv", _weather())
    _write_new(folder.shared / "data/weather/README.md", WEATHER_README)
    _write_new(folder.shared / "bin/hello-school", "#!/bin/sh\necho 'Hello from /nfs/bin'\n")
    (folder.shared / "bin/hello-school").chmod(0o755)


def bring_image_source(folder: DemoFolder) -> None:
    """Put the image's source, where a checkout has one, to where its packages are edited."""
    source, place = shipped("image"), folder.admin / "image"
    if source and not place.exists():
        shutil.copytree(source, place, ignore=shutil.ignore_patterns("*.whl"))


WEATHER_README = """# Weather

One made-up year of daily weather: `date,mean_c,rain_mm`. For first plots.
"""


def _weather() -> str:
    lines = ["date,mean_c,rain_mm"]
    for day in range(DAYS):
        month, rest = divmod(day * 12, DAYS)
        mean_c = 9.5 - 9 * math.cos(2 * math.pi * (day - 20) / DAYS) + (day * 37 % 11 - 5) / 2
        rain_mm = max(0.0, (day * 53 % 29 - 17) / 2)
        lines.append(f"2025-{month + 1:02d}-{rest // 12 + 1:02d},{mean_c:.1f},{rain_mm:.1f}")
    return "\n".join(lines) + "\n"


def _write_new(path: Path, text: str) -> None:
    if not path.exists():
        path.write_text(text, encoding="utf-8")
