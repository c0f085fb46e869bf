"""Google's pages, as far as clients read them: marks, titles, forms and links are as seen there."""

from collections.abc import Iterable
from html import escape

from growth_admin.deploy.standins.drive.world import FOLDER, Item

SHELL = (
    '<!DOCTYPE html><html><head><title>{title}</title><meta http-equiv="content-type" '
    'content="text/html; charset=utf-8"/><style nonce="n">.goog-link-button{{color:#15c}}</style>'
    "</head><body>{body}</body></html>"
)
ERROR = (
    '<div class="uc-main"><div id="uc-dl-icon" class="image-container"><div '
    'class="drive-sprite-aux-download-file"></div></div><div id="uc-text">'
    '<p class="uc-error-caption">{caption}</p><p class="uc-error-subcaption">{text}</p></div></div>'
)


def page(title: str, body: str) -> bytes:
    """A page; `body` is HTML."""
    return SHELL.format(title=escape(title), body=body).encode()


def error_page(title: str, caption: str, text: str) -> bytes:
    """A page of the downloads host that says why there is no file."""
    return page(title, ERROR.format(caption=escape(caption), text=escape(text)))


def quota_page() -> bytes:
    """Too many downloads of a file."""
    return error_page(
        "Google Drive - Quota exceeded",
        "Sorry, you can't view or download this file at this time.",
        "Too many users have viewed or downloaded this file recently. Please try accessing the "
        "file again later. If the file you are trying to access is particularly large or is shared "
        "with many people, it may take up to 24 hours to be able to view or download the file. If "
        "you still can't access a file after 24 hours, contact your domain administrator.",
    )


def infected_page() -> bytes:
    """A file that Google took for a virus."""
    return error_page(
        "Google Drive - Infected file",
        "Sorry, this file is infected with a virus.",
        "Only the owner is allowed to download infected files.",
    )


def sorry_page() -> bytes:
    """Too many requests from one address."""
    return page(
        "Sorry...",
        "<h1>We're sorry...</h1><p>... but your computer or network may be sending automated "
        "queries. To protect our users, we can't process your request right now.</p>",
    )


def missing_page() -> bytes:
    """No such file, or a resource key is missing."""
    return page(
        "Error 404 (Not Found)!!1",
        "<p><b>404.</b> <ins>That's an error.</ins></p><p>Sorry, the file you have requested does "
        "not exist. Make sure that you have the correct URL and the file exists.</p>",
    )


def need_access_page() -> bytes:
    """A file that is not shared, seen by somebody who could ask for it."""
    return page(
        "Google Drive: You need access",
        "<h1>You need access</h1><p>Request access, or switch to an account with access.</p>",
    )


def sign_in_page() -> bytes:
    """Where one is sent for what is not shared."""
    return page(
        "Google Drive: Sign-in",
        '<h1>Sign in</h1><p>to continue to Google Drive</p><form method="post" '
        'action="/signin/challenge"><input type="email" name="identifier"></form>',
    )


def virus_page(item: Item, action: str, hidden: dict[str, str], *, has_form: bool = True) -> bytes:
    """The virus-scan warning with its form; without a form if Google changed it."""
    size = _size_words(item.content.size)
    name = f'<a href="/open?id={item.id}">{escape(item.name)}</a> ({size})'
    inputs = "".join(
        f'<input type="hidden" name="{escape(key)}" value="{escape(value)}">'
        for key, value in hidden.items()
    )
    form = (
        f'<form id="download-form" action="{escape(action)}" method="get"><input type="submit" '
        'id="uc-download-link" class="goog-inline-block jfk-button jfk-button-action" '
        f'value="Download anyway"/>{inputs}</form>'
    )
    return page(
        "Google Drive - Virus scan warning",
        '<div class="uc-main"><div id="uc-text"><p class="uc-warning-caption">Google Drive can\'t '
        'scan this file for viruses.</p><p class="uc-warning-subcaption"><span '
        f'class="uc-name-size">{name}</span> is too large for Google to scan for viruses. Would '
        f"you still like to download this file?</p>{form if has_form else ''}</div></div>",
    )


def view_page(item: Item) -> bytes:
    """The page of a file or folder; what clients take from it is the title."""
    title = escape(f"{item.name} - Google Drive")
    body = f'<meta property="og:title" content="{escape(item.name)}"><div id="drive-viewer"></div>'
    return SHELL.format(title=title, body=body).encode()


def folder_page(folder: Item, entries: Iterable[tuple[Item, str]]) -> bytes:
    """The embedded view of a folder: its entries, each with the address of its page."""
    rows = "".join(_entry(item, address) for item, address in entries)
    return page(
        folder.name,
        '<div class="flip-folder-view"><div class="flip-list-header"></div>'
        f'<div class="flip-entries">{rows}</div></div>',
    )


def index_page(folder: Item, names: Iterable[str]) -> bytes:
    """A plain web server's index; `names` are quoted for a link."""
    rows = "".join(f'<a href="{escape(name)}">{escape(name)}</a>\n' for name in names)
    return page(f"Index of {folder.name}", f"<pre>{rows}</pre>")


def _entry(item: Item, address: str) -> str:
    icon = "icon_11_collection" if item.kind == FOLDER else "icon_generic"
    return (
        f'<div class="flip-entry" id="entry-{item.id}" tabindex="0" role="link">'
        f'<div class="flip-entry-info"><a href="{escape(address)}" target="_blank">'
        f'<div class="flip-entry-visual"><div class="flip-entry-list-icon"><img src="{icon}" '
        f'alt=""/></div></div><div class="flip-entry-title">{escape(item.name)}</div></a></div>'
        '<div class="flip-entry-last-modified"><div>9/21/26</div></div></div>'
    )


def _size_words(size: int) -> str:
    value, units = float(size), iter("KMGT")
    unit = ""
    while value >= 1024 and unit != "T":
        value, unit = value / 1024, next(units)
    return f"{value:.0f}{unit}" if unit else f"{size}"
