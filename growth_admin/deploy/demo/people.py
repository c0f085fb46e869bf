"""The sample school: who is in it and what they are called at GitHub.

The logins are as awkward as real ones: capitals, hyphens, digits first, only digits, 39 characters,
and the name of an account that every image already has.
"""

from dataclasses import dataclass
from typing import Any

ORGANIZATION = "growth-school"
BOT = "the_school_bot"  # nobody at GitHub can be called so
CLIENT_ID = "growth-demo"
LABELS = {
    "admins": "Organisers",
    "tas": "Teaching assistants",
    "students": "Students",
    "": "Not in this school",
    "invited": "Invited, or not any more in the team",
}


@dataclass(frozen=True)
class Person:
    """One of the sample people; `team` is a team's slug or empty."""

    login: str
    name: str
    team: str

    @property
    def hub_name(self) -> str:
        """The name at the hub: the login in lower case."""
        return self.login.lower()


def _team(team: str, people: dict[str, str]) -> tuple[Person, ...]:
    return tuple(Person(login, name, team) for login, name in people.items())


PEOPLE = (
    *_team("admins", {"Ada-Okafor": "Ada Okafor", "marek-lind": "Marek Lind"}),
    *_team("tas", {"Priya-N": "Priya Natarajan", "tomasz-w7": "Tomasz Wilk"}),
    *_team(
        "students",
        {
            "Jane-Doe": "Jane Doe",
            "liam-o-connor": "Liam O'Connor",
            "Sofia-Rossi-2009": "Sofia Rossi",
            "chen-wei": "Chen Wei",
            "4yaan": "Ayaan Malik",
            "20261107": "Noor Haddad",
            "maximilian-alexander-von-hohenstein-jr0": "Maximilian von Hohenstein",
            "games": "Gabriel Ames",
            "Emma-Nilsen": "Emma Nilsen",
            "kofi-mensah": "Kofi Mensah",
            "Yuki-Tanaka": "Yuki Tanaka",
            "Zoe-L": "Zoë Laurent",
        },
    ),
    *_team("", {"mallory-k": "Mallory Kern"}),
)
INVITED = {"Amara-Eze": "Amara Eze", "Tuan-Pham": "Tuan Pham", "Bo-Larsen": "Bo Larsen"}
"""People whom the school knows, and who are in none of its teams: login -> name."""


def seed(client_secret: str, callback_url: str, github_token: str = "") -> dict[str, Any]:
    """What the stand-in for GitHub is to know, in the form of its control module.

    With a `github_token` the school can be asked and changed in the name of its first owner.
    """
    token = {"value": github_token, "login": PEOPLE[0].login, "scopes": ["admin:org", "repo"]}
    return {
        "organizations": [ORGANIZATION],
        "applications": [
            {
                "client_id": CLIENT_ID,
                "client_secret": client_secret,
                "name": "Growth School",
                "callback_url": callback_url,
            }
        ],
        "people": [
            {
                "login": person.login,
                "name": person.name,
                "label": LABELS[person.team],
                "teams": [f"{ORGANIZATION}/{person.team}"] if person.team else [],
                "owns": [ORGANIZATION] if person.team == "admins" else [],
            }
            for person in PEOPLE
        ]
        + [
            {"login": login, "name": name, "label": LABELS["invited"]}
            for login, name in INVITED.items()
        ],
        "tokens": [token] if github_token else [],
    }
