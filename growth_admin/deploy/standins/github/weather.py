"""The stand-in's failures, switched on from outside, and the requests that it answered."""

import asyncio
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

from growth_admin.deploy.standins.github.faults import Fault

LOG_LENGTH = 20_000


@dataclass
class Weather:
    """How GitHub answers now.

    `status` 0 is fair weather; 503, 502, 500 are an outage, 403 and 429 a rate limit. `login`
    limits it to one person's requests. `delay_s` comes before every answer. `web_too` lets it
    reach the login page and the token exchange as well.
    """

    status: int = 0
    delay_s: float = 0.0
    login: str = ""
    web_too: bool = False

    def reaches(self, login: str) -> bool:
        """Whether a request of `login` (empty: nobody's) gets this weather."""
        return not self.login or self.login.lower() == login.lower()


class Sky:
    """The weather now, the faults that wait, and the last requests that were answered."""

    def __init__(self) -> None:
        self.weather = Weather()
        self.faults: list[Fault] = []
        self.requests: deque[dict[str, Any]] = deque(maxlen=LOG_LENGTH)

    def change(self, **values: Any) -> dict[str, Any]:
        """New weather from its values (all others back to fair); returns it as data."""
        self.weather = Weather(**values)
        return asdict(self.weather)

    async def status_for(self, login: str, *, is_web: bool = False) -> int:
        """Wait as the weather demands; the status to fail with, or 0."""
        weather = self.weather
        if (is_web and not weather.web_too) or not weather.reaches(login):
            return 0
        if weather.delay_s:
            await asyncio.sleep(weather.delay_s)
        return weather.status

    async def fault_for(self, method: str, path: str, login: str) -> Fault | None:
        """The first fault that meets this request, after its delay."""
        for fault in self.faults:
            if fault.meets(method, path, login):
                if fault.delay_s:
                    await asyncio.sleep(fault.delay_s)
                return fault
        return None

    def note(self, method: str, path: str, login: str, status: int, **more: Any) -> None:
        """Keep a line about an answered request; status 0 is a cut connection."""
        self.requests.append(
            {"method": method, "path": path, "login": login, "status": status, **more}
        )
