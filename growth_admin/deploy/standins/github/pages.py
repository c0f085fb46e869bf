"""The stand-in's pages: whom one wants to be, and short messages."""

from html import escape

from growth_admin.deploy.standins.github.organizations import Organization
from growth_admin.deploy.standins.github.people import Person

MANY = 40  # people, from which on one may also write the login

STYLE = """
:root { color-scheme: light dark; --line: #8886; --soft: #888; --mark: #f3742a; }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 44rem; padding: 2rem 1rem; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; }
h2 { font-size: .85rem; font-weight: 600; color: var(--soft); margin: 1.75rem 0 .5rem; }
p { margin: 0; color: var(--soft); }
ul { list-style: none; margin: 0; padding: 0; display: grid; gap: .5rem;
     grid-template-columns: repeat(auto-fill, minmax(18rem, 1fr)); }
button { all: unset; box-sizing: border-box; cursor: pointer; width: 100%; display: block;
         padding: .6rem .9rem; border: 1px solid var(--line); border-radius: 8px; }
button:hover, button:focus-visible { border-color: var(--mark); outline: 1px solid var(--mark); }
button span { display: block; overflow-wrap: anywhere; }
.field, .answers { display: flex; gap: .5rem; align-items: center; margin: 1.5rem 0; }
.field button, .answers button { width: auto; }
.field input { font: inherit; padding: .5rem; }
.login { color: var(--soft); font-size: .875rem; }
"""


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><main>{body}</main></body></html>"
    )


def message_page(title: str, text: str) -> str:
    """A heading and a sentence."""
    return _page(title, f"<h1>{escape(title)}</h1><p>{escape(text)}</p>")


def picker_page(application: str, people: list[Person], query: str) -> str:
    """The people, by label, each a button that logs in as that person."""
    labels = list(dict.fromkeys(person.label for person in people))
    groups = "".join(_group(label, [p for p in people if p.label == label]) for label in labels)
    body = (
        f"<h1>Log in to {escape(application)}</h1>"
        "<p>This stands in for GitHub, so there is no password. Who do you want to be?</p>"
        f"{_field(query) if len(people) > MANY else ''}"
        f'<form method="post" action="?{escape(query)}">{groups}</form>'
    )
    return _page("Log in", body)


def _field(query: str) -> str:
    return (
        f'<form method="post" action="?{escape(query)}" class="field">'
        '<label for="login">Login</label> <input id="login" name="login" required '
        'autocomplete="off"> <button>Log in</button></form>'
    )


def invitation_page(organization: Organization, person: Person, teams: list[str]) -> str:
    """The question whether the person wants to join."""
    into = f" You will be in {escape(', '.join(teams))}." if teams else ""
    body = (
        f"<h1>Join {escape(organization.name)}</h1>"
        f"<p>You are logged in as {escape(person.login)}.{into}</p>"
        '<form method="post" class="answers">'
        f'<button name="answer" value="accept">Join {escape(organization.name)}</button>'
        '<button name="answer" value="decline">Decline</button></form>'
        f'<p><a href="/login?return_to=/orgs/{escape(organization.login)}/invitation">'
        "Log in as somebody else</a></p>"
    )
    return _page(f"Join {organization.name}", body)


def _group(label: str, people: list[Person]) -> str:
    items = "".join(
        f'<li><button name="login" value="{escape(person.login)}">'
        f'<span>{escape(person.name)}</span><span class="login">{escape(person.login)}</span>'
        "</button></li>"
        for person in people
    )
    heading = escape(label or "Everybody else")
    return f"<section><h2>{heading}</h2><ul>{items}</ul></section>"
