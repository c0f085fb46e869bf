"""JupyterHub's configuration for a school: who people are, what they may do, what servers get.

One file that imports nothing of ours: the local demo, one machine with containers and Zero to
JupyterHub on Kubernetes load the same text (as ``jupyterhub_config.py``, from it, or from
``jupyterhub_config.d``). Works on JupyterHub 5.5 and 6.1 with oauthenticator 17.

Set the environment variables below, or edit the values. The hub also needs
``GITHUB_CLIENT_ID``, ``GITHUB_CLIENT_SECRET``, ``OAUTH_CALLBACK_URL`` and, because the hub keeps
each person's GitHub answer encrypted, ``JUPYTERHUB_CRYPT_KEY`` (64 hexadecimal digits).
"""

import asyncio
import hashlib
import json
import os
import re
import secrets
import tempfile
import time
from urllib.parse import urlsplit

from jupyterhub import orm
from jupyterhub.apihandlers import APIHandler
from jupyterhub.app import JupyterHub
from jupyterhub.auth import Authenticator
from oauthenticator.github import GitHubOAuthenticator
from tornado import web
from tornado.httpclient import HTTPClientError

if "c" not in globals():  # the chart runs this inside its own file, where get_config is another
    c = get_config()
env = os.environ.get

# ---- the school ---------------------------------------------------------------------------------

ORGANIZATION = env("GROWTH_ORG", "growth-school")
# Team slugs at GitHub. The hub's groups get the names on the right, so that nothing below depends
# on what a school calls its teams.
TEAMS = {
    env("GROWTH_ADMINS_TEAM", "admins"): "admins",
    env("GROWTH_TAS_TEAM", "tas"): "tas",
    env("GROWTH_STUDENTS_TEAM", "students"): "students",
}
# The image that servers start with: its name without a tag, and the tag. Spawners that know their
# own image (KubeSpawner, DockerSpawner) are asked instead; the name still limits the canary.
IMAGE_NAME = env("GROWTH_IMAGE_NAME", "growth-school/notebook")
IMAGE_TAG = env("GROWTH_IMAGE_TAG", "2026.11")
# Numeric groups that the start chain adds to the user: who may write datasets, who is an organiser.
DATA_GID = env("GROWTH_DATA_GID", "3000")
ADMIN_GID = env("GROWTH_ADMIN_GID", "3001")
# What teaching assistants may do here. With the area `servers` they see how students' servers are;
# with GROWTH_TA_RESTARTS they may also start, stop and restart these, and no others.
TA_AREAS = tuple(area for area in env("GROWTH_TA_AREAS", "datasets").split(",") if area)
TA_RESTARTS = bool(env("GROWTH_TA_RESTARTS", ""))
if TA_RESTARTS and "servers" not in TA_AREAS:
    TA_AREAS += ("servers",)
# Which GitHub account (by number) is which hub user. The hub writes it at each first login; edit it
# to hand a name over on purpose. Keep it beside the hub's database. Empty: not kept.
NAMES_FILE = env("GROWTH_NAMES_FILE", "growth-names.json")
# Further names that no account in the container may have, separated by commas.
MORE_RESERVED = env("GROWTH_RESERVED_NAMES", "")
# The bot student: a hub user in the students' group whom organisers' servers act for, to see that a
# student can work before the class comes. GitHub must not be able to have the name (two underscores
# will do), so that nobody can log in as the bot. Empty: no bot.
BOT = env("GROWTH_BOT", "").lower()
# Where servers reach the proxy, as students' browsers do, for example http://proxy-public with Zero
# to JupyterHub. Empty: the hub's own machine and the port that the proxy is told to listen on.
PROXY_URL = env("GROWTH_PROXY_URL", "")
# On Kubernetes: where the shared volumes are mounted (the values mount them read-only, and they are
# opened here for those who may write), and the secret that organisers' servers only get, if any.
ADMIN_ROOT = env("GROWTH_ADMIN_ROOT", "/home/admin")
SHARED_ROOT = env("GROWTH_SHARED_ROOT", "/nfs")
CREDENTIALS_SECRET = env("GROWTH_CREDENTIALS_SECRET", "")
# Seconds after which the hub asks GitHub again who somebody is and in which teams.
REFRESH_S = int(env("GROWTH_REFRESH_S", "300"))
# GitHub's rate limit of one person passes within the hour. After this many seconds of refusals
# that concern one person, that person has to log in again.
REFUSAL_LIMIT_S = float(env("GROWTH_REFUSAL_LIMIT_S", "7200"))
# How long one request to GitHub may take, and how long to leave it alone when it does not answer.
GITHUB_TIMEOUT_S = float(env("GROWTH_GITHUB_TIMEOUT_S", "8"))
GITHUB_PAUSE_S = float(env("GROWTH_GITHUB_PAUSE_S", "30"))

# ---- words --------------------------------------------------------------------------------------

ADMINS, TAS, STUDENTS = "admins", "tas", "students"
SCHOOL = {ADMINS, TAS, STUDENTS}
AREAS = ("startup", "datasets", "roster", "servers", "images", "overview")
AREAS_OF = {ADMINS: AREAS, TAS: TA_AREAS}
CANARY = "canary"  # the one named server, for organisers: candidates run there first
REVISION = re.compile(r"[0-9a-f]{7,64}")
IMAGE = re.compile(
    env("GROWTH_IMAGE_RE", "")
    or re.escape(IMAGE_NAME) + r"(:[A-Za-z0-9_][\w.-]{0,127}|@sha256:[0-9a-f]{64})",
    re.ASCII,
)


def groups_of(user):
    """Names of the hub groups that `user` (a hub user, or None) is in."""
    return {group.name for group in getattr(user, "groups", ())}


def may_canary(spawner_name, user):
    """Whether `user` may have the named server `spawner_name`."""
    return spawner_name == CANARY and ADMINS in groups_of(user)


# ---- names --------------------------------------------------------------------------------------
# A GitHub login is up to 39 characters, may be all digits, and may be `admin` or `games`. useradd
# refuses more than 32; a number can be taken for a uid; the image's own accounts would be replaced,
# and `admin` would get the organisers' mount as home. The hub keeps the login as the user's name;
# the account in the container is called what container_name() says.

ACCOUNTS_OF_IMAGES = """
root daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc gnats nobody
nogroup adm tty disk kmem dialout fax voice cdrom floppy tape sudo audio dip operator src shadow
utmp video sasl plugdev staff users crontab input sgx kvm render netdev messagebus sshd ssh docker
wheel postgres mysql redis ubuntu debian jovyan jupyter conda admin administrator shared
growth-data growth-admin
"""
RESERVED = {*ACCOUNTS_OF_IMAGES.split(), *MORE_RESERVED.replace(",", " ").split()}
NAME_LIMIT = 32  # of useradd
# A login at GitHub: letters and digits with hyphens between them; managed users end in _CODE.
GITHUB_NAME = re.compile(r"[a-z0-9-]+(_[a-z0-9]+)?", re.ASCII)
# The bot has no account number at GitHub; no container_uid() comes near this.
BOT_UID = 2_100_000_000
PLAIN_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*", re.ASCII)
MADE_NAME = re.compile(r".*_[0-9a-f]{8}", re.ASCII)


def container_name(hub_name):
    """The account's name in the container for the hub user `hub_name`; no two users share one.

    Most names stay as they are. The others (too long, reserved, all digits, `--`, which separates
    user and server in the names of logs, or odd characters) end in `_` and eight digits of their
    hash. Names that look so by themselves get a hash too, so that nobody can choose another's.
    """
    name = hub_name.lower()
    is_plain = (
        PLAIN_NAME.fullmatch(name)
        and not MADE_NAME.fullmatch(name)
        and len(name) <= NAME_LIMIT
        and name not in RESERVED
        and not name.isdigit()
        and "--" not in name
    )
    if is_plain:
        return name
    digits = hashlib.sha256(name.encode()).hexdigest()[:8]
    readable = re.sub(r"-{2,}", "-", re.sub(r"[^a-z0-9-]", "-", name)).strip("-")
    if not readable[:1].isalpha():
        readable = f"u{readable}"
    return f"{readable[: NAME_LIMIT - 9].rstrip('-')}_{digits}"


if BOT and (GITHUB_NAME.fullmatch(BOT) or container_name(BOT) != BOT):
    raise ValueError(
        f"GROWTH_BOT={BOT}: somebody at GitHub could have this name, or no account can. "
        "Use up to 32 letters and digits with two underscores, such as the_school_bot."
    )


def container_uid(number):
    """The account's number in the container for the GitHub account `number`; no two share one.

    Files on the shared disk belong to numbers, not to names: with the image's own 1000 for all,
    every student would own what an organiser has written, start scripts too. Numbers that images
    use themselves (system accounts, nobody, groups of the school) are moved out of the way.
    """
    number = int(number)
    return number if number >= 10_000 and number not in (65533, 65534) else 2_000_000_000 + number


def known_people():
    """GitHub account number -> hub name, as recorded; None when the record cannot be read."""
    try:
        with open(NAMES_FILE, encoding="utf-8") as file:
            people = json.load(file)
        return {str(number): str(name).lower() for number, name in people.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError):
        return None


def hub_name(github_user):
    """The hub name of a GitHub account: the one it had first, else its login."""
    return (known_people() or {}).get(str(github_user["id"]), github_user["login"])


def record_person(number, name, log):
    """Keep that the account `number` is `name`, replacing the file in one step."""
    people = known_people()
    if not NAMES_FILE or people is None:
        log.error("Names are not being recorded: %r cannot be read", NAMES_FILE)
        return
    people[number] = name
    try:
        folder = os.path.dirname(os.path.abspath(NAMES_FILE))
        handle, staged = tempfile.mkstemp(prefix=".growth-names-", dir=folder)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(people, file, indent=1, sort_keys=True)
            file.flush()
            os.fsync(file.fileno())
        os.replace(staged, NAMES_FILE)
    except OSError as error:
        log.error("Cannot record that GitHub account %s is %s: %s", number, name, error)


async def same_person(authenticator, handler, model):
    """Refuse a GitHub login that was given up by one person and taken by another.

    Compared are account numbers: with the record of names, which outlives the hub user, and with
    what the hub stored at the person's last login. Nobody is the bot student.
    """
    if not model:
        return model
    name, number = model["name"], str(model["auth_state"]["github_user"]["id"])
    if BOT and name == BOT:
        authenticator.log.error("GitHub account %s wanted to be the bot student", number)
        raise web.HTTPError(403, "This name belongs to the school's bot. Ask an organiser.")
    recorded = {n for n, known in (known_people() or {}).items() if known == name}
    if number in recorded:
        return model
    user = handler.find_user(name)
    state = (await user.get_auth_state() if user else None) or {}
    stored = (state.get("github_user") or {}).get("id")
    earlier = recorded or ({str(stored)} if stored is not None else set())
    if earlier - {number}:
        authenticator.log.error("%s changed hands: %s -> %s", name, sorted(earlier), number)
        raise web.HTTPError(
            403, "This GitHub name belonged to somebody else here. Ask an organiser of the school."
        )
    if NAMES_FILE:
        record_person(number, name, authenticator.log)
    return model


# ---- login --------------------------------------------------------------------------------------


class GitHubSilent(web.HTTPError):
    """GitHub gave no usable answer. `is_personal`: it refused this one person (403, 429)."""

    def __init__(self, code):
        self.is_personal = code in (403, 429)
        said = f"GitHub answered {code}" if code and code != 599 else "GitHub does not answer"
        super().__init__(503, f"{said}. Try again in a minute.")


class SchoolGitHub(GitHubOAuthenticator):
    """Login with GitHub that survives GitHub's outages and forgets those who left the teams."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.paused_until = 0.0  # monotonic seconds
        self.refused_since = {}  # name -> monotonic seconds of the first refusal in a row

    def get_handlers(self, app):
        """As the original; besides, digests of running servers, and fetching before the class."""
        ours = [(r"/api/growth/digests", RunningDigests), (r"/api/growth/prepull", PrePulls)]
        return [*super().get_handlers(app), *ours]

    async def httpfetch(self, url, *args, **kwargs):
        """As the original; without an answer GitHubSilent, so that only 401 means a dead token."""
        try:
            return await super().httpfetch(url, *args, **kwargs)
        except HTTPClientError as error:
            if error.code == 401:
                raise
            raise GitHubSilent(error.code) from error
        except (OSError, ValueError) as error:
            raise GitHubSilent(None) from error

    async def refresh_user(self, user, handler=None, **kwargs):
        """What the hub should know now: a model, True (keep what is known), None (log in again).

        Whoever is in no team of the school any more, or whose GitHub token is dead, loses all
        groups at once, in every session and token.
        """
        if BOT and user.name == BOT:  # whom GitHub does not know: a student, never anything else
            user.sync_groups([STUDENTS])
            return True
        if time.monotonic() < self.paused_until:
            return True
        try:
            model = await super().refresh_user(user, handler, **kwargs)
        except GitHubSilent as silence:
            if self.may_keep(user, silence):
                self.log.warning("Keeping the groups of %s: %s", user.name, silence.log_message)
                return True
            self.log.error("GitHub has refused %s for too long: login needed", user.name)
            model = None
        else:
            self.refused_since.pop(user.name, None)
        if model is not True and not (model and SCHOOL & set(model.get("groups") or ())):
            user.sync_groups([])
            return None
        return model

    def may_keep(self, user, silence):
        """Whether `user` keeps the groups although GitHub gave no answer.

        Without limit when GitHub is down for everybody; a refusal that one person could bring
        about, by using up the own rate limit, only for a time.
        """
        now = time.monotonic()
        if not silence.is_personal:
            self.paused_until = now + GITHUB_PAUSE_S
            return True
        return now - self.refused_since.setdefault(user.name, now) <= REFUSAL_LIMIT_S


def school_groups(auth_state):
    """Hub groups from the person's teams; teams of other organizations do not count."""
    return sorted(
        TEAMS[team["slug"]]
        for team in auth_state.get("teams") or []
        if team["organization"]["login"].lower() == ORGANIZATION.lower() and team["slug"] in TEAMS
    )


c.JupyterHub.authenticator_class = SchoolGitHub
c.GitHubOAuthenticator.scope = ["read:org"]
c.GitHubOAuthenticator.username_claim = hub_name
c.GitHubOAuthenticator.populate_teams_in_auth_state = True
c.GitHubOAuthenticator.manage_groups = True
c.GitHubOAuthenticator.auth_state_groups_key = school_groups
c.GitHubOAuthenticator.allowed_groups = SCHOOL
c.GitHubOAuthenticator.http_request_kwargs = {
    "connect_timeout": GITHUB_TIMEOUT_S,
    "request_timeout": GITHUB_TIMEOUT_S,
    **(c.GitHubOAuthenticator.get("http_request_kwargs") or {}),
}
c.Authenticator.enable_auth_state = True
c.Authenticator.auth_refresh_age = REFRESH_S
c.Authenticator.refresh_pre_spawn = True
c.Authenticator.post_auth_hook = same_person
if hasattr(Authenticator, "auth_refresh_strict"):  # since 6.1; 5.5 always is
    c.Authenticator.auth_refresh_strict = True

# ---- scopes, roles, tokens ----------------------------------------------------------------------

AREA_SCOPE = {area: f"custom:growth:{area}" for area in AREAS}
c.JupyterHub.custom_scopes = {
    **(c.JupyterHub.get("custom_scopes") or {}),
    "custom:growth:admin": {
        "description": "growth-admin: every area",
        "subscopes": list(AREA_SCOPE.values()),
    },
    **{scope: {"description": f"growth-admin: {area}"} for area, scope in AREA_SCOPE.items()},
}
# What an organiser's own server may ask of the hub. Never `tokens`: the hub gives a new token all
# that its owner may, whoever that is, so whoever may make tokens may everything. `read:tokens`
# counts them and makes none (the hub never tells a token again). A deleted user's tokens are gone.
ADMIN_TOKEN = [
    *("custom:growth:admin", "list:users", "read:users", "read:tokens"),
    *("servers", "delete:users"),
    f"read:shares!group={ADMINS}",  # the overview warns of a shared organiser's server
]
# What an organiser may do in the browser only, never through the token of the own server.
ADMIN_BROWSER = ["access:servers", "admin-ui", "read:hub"]
if BOT:
    # The one exception: the bot's own tokens. An organiser's server makes one that ends within the
    # hour, acts as the bot with it (start, open, run, stop) and deletes it. It can do what a
    # student can, as the bot is kept in the students' group at every refresh and every start, and
    # open organisers' canaries (let_the_bot_in), which have a student's mounts and token. Nothing
    # more. Organisers' tokens need no `access:servers` for it: the bot opens servers itself.
    ADMIN_TOKEN.append(f"tokens!user={BOT}")
TA_TOKEN = [AREA_SCOPE[area] for area in TA_AREAS if area in AREA_SCOPE]
if "servers" in TA_AREAS:
    seen = ("name", "activity", "groups")
    wanted = ["list:users", *(f"read:users:{what}" for what in seen), "read:servers"]
    TA_TOKEN += [f"{scope}!group={STUDENTS}" for scope in wanted + ["servers"] * TA_RESTARTS]
c.JupyterHub.load_roles = [
    *(c.JupyterHub.get("load_roles") or []),
    {"name": "growth-admin", "scopes": ADMIN_TOKEN + ADMIN_BROWSER, "groups": [ADMINS]},
    {"name": "growth-ta", "scopes": TA_TOKEN, "groups": [TAS]},
    {"name": "growth-student", "scopes": [], "groups": [STUDENTS]},
    # grants nothing; naming the bot in a role makes the hub know it from its first start on
    *([{"name": "growth-bot", "scopes": [], "users": [BOT]}] if BOT else []),
]


def token_scopes(spawner):
    """Scopes of the server's own token. The hub grants those of them that the owner holds.

    The canary runs what nobody has tried yet: its token is worth no more than a student's.
    """
    mine = set() if spawner.name else groups_of(spawner.user)
    extra = ADMIN_TOKEN if ADMINS in mine else TA_TOKEN if TAS in mine else []
    return ["users:activity!user", "access:servers!server", *extra]


c.Spawner.server_token_scopes = token_scopes

# ---- servers ------------------------------------------------------------------------------------

c.JupyterHub.allow_named_servers = True


def named_limit(handler):
    """Refuse a named server by its address, before the hub makes a record of it."""
    words = [*handler.path_args, *handler.path_kwargs.values()]
    if len(words) > 1 and words[1] and not may_canary(words[1], handler.find_user(words[0])):
        raise web.HTTPError(403, f"The only named server is {CANARY}, and it is for organisers.")
    return 1


c.JupyterHub.named_server_limit_per_user = named_limit


def judged(options):
    """`options` of a canary as the hub should keep them; HTTPError 400 says what is wrong."""
    known = {"image", "scripts_revision"}
    if set(options) - known or not all(isinstance(value, str) for value in options.values()):
        raise web.HTTPError(400, "The options are image and scripts_revision, both text.")
    image, revision = options.get("image"), options.get("scripts_revision")
    if image and not IMAGE.fullmatch(image):
        raise web.HTTPError(400, "image is not an image of the school.")
    if revision and not REVISION.fullmatch(revision):
        raise web.HTTPError(400, "scripts_revision is not a revision.")
    return {key: value for key, value in options.items() if value}


def apply_options(spawner, options):
    """Apply what a start asked for: candidates on the canary, nothing anywhere else."""
    # The hub has stored the options already and would reuse them at each later start. Forget them
    # before judging them, or one refused request would keep the server from starting for good.
    spawner.user_options = spawner.orm_spawner.user_options = {}
    for variable in ("GROWTH_CANARY_IMAGE", "GROWTH_SCRIPTS_REVISION"):
        spawner.environment.pop(variable, None)
    if hasattr(spawner, "image"):  # the hub keeps this object: undo what the last start asked for
        spawner.growth_image = spawner.image = getattr(spawner, "growth_image", spawner.image)
    if not options:
        return
    if not may_canary(spawner.name, spawner.user):
        spawner.log.warning("Options for %s are ignored: %s", spawner._log_name, sorted(options))
        return
    kept = judged(options)
    spawner.user_options = spawner.orm_spawner.user_options = kept
    if "image" in kept:
        spawner.environment["GROWTH_CANARY_IMAGE"] = kept["image"]
        if hasattr(spawner, "image"):
            spawner.image = kept["image"]
    if "scripts_revision" in kept:
        spawner.environment["GROWTH_SCRIPTS_REVISION"] = kept["scripts_revision"]


# ---- pods ---------------------------------------------------------------------------------------
# With KubeSpawner a pod gets here what only its owner may have. Everything is set anew at each
# start from the owner's groups of that moment, in lists as well as in the chart's dictionaries.

# how the values, or a school with DockerSpawner, name the home
HOMES = ("/home/{unescaped_username}", "/home/{username}", "/home/jovyan")
SECRETS_ROOT = "/etc/growth-admin/secrets"
SECRETS, SECRETS_SOURCE = "growth-secrets", "growth-secrets-source"
# Kubernetes gives a secret's files to root alone or to everybody: root copies them for the group.
COPY_SECRETS = (
    'for file in /source/*; do [ -f "$file" ] && '
    f'install -o 0 -g {ADMIN_GID} -m 0440 "$file" /secrets/; done; true'
)


def entries(found):
    """The entries of a list, or of a dictionary in the order in which KubeSpawner takes them."""
    return [found[key] for key in sorted(found)] if isinstance(found, dict) else list(found or [])


def with_ours(found, ours):
    """`found`, as list or dictionary, with the entries `ours` in place of those of their names."""
    names = {SECRETS, SECRETS_SOURCE}
    if isinstance(found, dict):
        kept = {key: entry for key, entry in found.items() if entry.get("name") not in names}
        return {**kept, **{entry["name"]: entry for entry in ours}}
    return [entry for entry in entries(found) if entry.get("name") not in names] + ours


def settled_mount(mount, home, writable):
    """`mount` with the account's home, and open for writing if its path is among `writable`."""
    if mount.get("mountPath") in HOMES:
        return {**mount, "mountPath": home}
    if mount.get("mountPath") in (ADMIN_ROOT, SHARED_ROOT):
        return {**mount, "readOnly": mount["mountPath"] not in writable}
    return mount


def each(found, change):
    """`found`, as list or dictionary, with `change` made to each entry."""
    if isinstance(found, dict):
        return {key: change(entry) for key, entry in found.items()}
    return [change(entry) for entry in entries(found)]


def settle_pod(spawner):
    """Give the pod its home, its mounts, its groups and, if it is an organiser's, the credentials.

    The home is mounted where the start chain looks for it, which is `container_name()` and neither
    the login nor KubeSpawner's spelling. A canary has an empty home of its own, and mounts, groups
    and secrets of a student.
    """
    mine = set() if spawner.name else groups_of(spawner.user)
    home = f"/home/{container_name(spawner.user.name)}"
    homes = {m["name"] for m in entries(spawner.volume_mounts) if m["mountPath"] in (*HOMES, home)}
    writable = {SHARED_ROOT} if mine & {ADMINS, TAS} else set()
    writable |= {ADMIN_ROOT} if ADMINS in mine else set()
    mounts = each(spawner.volume_mounts, lambda mount: settled_mount(mount, home, writable))
    volumes = spawner.volumes
    if spawner.name:
        spawner.storage_pvc_ensure = False
        size = {"sizeLimit": spawner.storage_capacity} if spawner.storage_capacity else {}
        volumes = each(
            volumes,
            lambda v: {"name": v["name"], "emptyDir": size} if v["name"] in homes else v,
        )
    has_secrets = ADMINS in mine and bool(CREDENTIALS_SECRET)
    spawner.volume_mounts = with_ours(mounts, [SECRETS_MOUNT] * has_secrets)
    spawner.volumes = with_ours(volumes, SECRETS_VOLUMES * has_secrets)
    copying = {"image": spawner.image, "imagePullPolicy": spawner.image_pull_policy}
    copying = {key: value for key, value in copying.items() if value}
    spawner.init_containers = with_ours(
        spawner.init_containers, [{**SECRETS_COPYING, **copying}] * has_secrets
    )
    if not callable(spawner.supplemental_gids):
        ours = {int(DATA_GID): mine & {ADMINS, TAS}, int(ADMIN_GID): mine & {ADMINS}}
        theirs = [gid for gid in spawner.supplemental_gids or [] if gid not in ours]
        spawner.supplemental_gids = theirs + [gid for gid, is_mine in ours.items() if is_mine]


SECRETS_VOLUMES = [
    {
        "name": SECRETS_SOURCE,
        "secret": {"secretName": CREDENTIALS_SECRET, "optional": True, "defaultMode": 0o400},
    },
    {"name": SECRETS, "emptyDir": {"medium": "Memory", "sizeLimit": "1Mi"}},
]
SECRETS_MOUNT = {"name": SECRETS, "mountPath": SECRETS_ROOT, "readOnly": True}
SECRETS_COPYING = {
    "name": SECRETS,
    "command": ["sh", "-c", COPY_SECRETS],
    "securityContext": {"runAsUser": 0, "allowPrivilegeEscalation": False},
    "volumeMounts": [
        {"name": SECRETS_SOURCE, "mountPath": "/source", "readOnly": True},
        {"name": SECRETS, "mountPath": "/secrets"},
    ],
}


# ---- containers ---------------------------------------------------------------------------------
# With DockerSpawner the volumes are `{host folder or volume: folder in the container}`; what the
# owner may have of them is settled as for a pod. Mount what everybody's start writes (logs,
# receipts, replies) as volumes of their own, inside the two shared folders.

PULL_S = 240.0  # seconds for an image that is not here; less than the spawner's start_timeout
FRESH_S = 120.0  # the same where an older one is here; from the pull's begin, so waited once
PULL_PAUSE_S = 60.0  # after a pull that failed, seconds during which they take the one here
PULLS = {}  # image -> (when its last pull began in monotonic seconds, its future)


def settle_container(spawner):
    """Give the container its home, its mounts and the image that its tag names now; awaitable.

    A canary's home is the container's own, which is gone with it.
    """
    mine = set() if spawner.name else groups_of(spawner.user)
    home = f"/home/{container_name(spawner.user.name)}"
    writable = {SHARED_ROOT} if mine & {ADMINS, TAS} else set()
    writable |= {ADMIN_ROOT} if ADMINS in mine else set()
    spawner.growth_volumes = getattr(spawner, "growth_volumes", spawner.volumes)
    volumes = {}
    for source, target in spawner.growth_volumes.items():
        mount = dict(target) if isinstance(target, dict) else {"bind": target, "mode": "rw"}
        if mount["bind"] in HOMES:
            if spawner.name:
                continue
            mount["bind"] = home
        elif mount["bind"] in (ADMIN_ROOT, SHARED_ROOT):
            mount["mode"] = "rw" if mount["bind"] in writable else "ro"
        volumes[source] = mount
    spawner.volumes = volumes
    spawner.environment.setdefault("CHOWN_HOME", "yes")  # a new volume belongs to root
    if spawner.name:  # the images copy their own user's files there, and leave them to that user
        spawner.environment["CHOWN_HOME_OPTS"] = "-R"
    return settle_image(spawner)


def pulled(spawner, image):
    """Pull `image`: why that failed, empty if it did not, and when in monotonic seconds it ended.

    Runs in a thread of its own: DockerSpawner has one for all, and each start and stop would wait.
    """
    try:
        said = spawner.client.pull(image)
        words = next((line for line in reversed(said.splitlines()) if '"error"' in line), "")
    except OSError as error:  # as all errors of the docker library
        words = str(error) or type(error).__name__
    return words[:500], time.monotonic()


async def fetch(spawner, image, is_here):
    """Let `image` be what its tag names now; why it may not be, empty if it is.

    All starts share one pull. Where the image is here they wait little for a slow registry (the
    pull goes on), and not at all for one that has just failed.
    """
    began, pull = PULLS.get(image, (0.0, None))
    words, ended = pull.result() if pull and pull.done() else ("", 0.0)
    is_resting = words and is_here and time.monotonic() - ended < PULL_PAUSE_S
    if pull is None or (pull.done() and not is_resting):
        began = time.monotonic()
        pull = asyncio.get_running_loop().run_in_executor(None, pulled, spawner, image)
        PULLS[image] = began, pull
    if not pull.done():
        left_s = began + FRESH_S - time.monotonic() if is_here else PULL_S
        await asyncio.wait([pull], timeout=max(left_s, 0.0))
    return pull.result()[0] if pull.done() else "the registry is slow; the pull goes on"


async def found_here(spawner, image):
    """What this machine has as `image`, None if nothing; and why not."""
    try:
        return await spawner.docker("inspect_image", image), ""
    except OSError as error:  # as all errors of the docker library
        return None, error


async def settle_image(spawner):
    """Fetch what the image's tag names now, and start exactly that; its digest is told.

    While the registry does not answer, servers start with what this machine has.
    """
    image = spawner.growth_reference = spawner.image
    spawner.growth_digest = ""
    found, why = await found_here(spawner, image)
    if spawner.pull_policy not in ("never", "skip"):
        if problem := await fetch(spawner, image, found is not None):
            spawner.log.warning("%s was not fetched: %s", image, problem)
        found, why = await found_here(spawner, image)
    if found is None:
        raise web.HTTPError(503, f"The image {image} cannot be had: {why}")
    named, _, digest = spawner.image.partition("@")
    name = named if digest or ":" not in named.rpartition("/")[2] else named.rpartition(":")[0]
    known = [one.partition("@") for one in found.get("RepoDigests") or ()]
    known = {of for repository, _, of in known if repository == name}
    if digest or len(known) == 1:  # several: they are the same image under several names
        spawner.growth_digest = digest or known.pop()
        spawner.image = f"{name}@{spawner.growth_digest}"


def let_the_bot_in(spawner):
    """Let the bot student into an organiser's canary, where it tries what a student does.

    The hub forgets this with the canary. So no organiser's token need be able to share servers, or
    be shown to an image that nobody has tried: the bot comes with a token for this one server.
    """
    bot = orm.User.find(spawner.db, BOT) if BOT else None
    if bot is not None:
        orm.Share.grant(spawner.db, spawner.orm_spawner, bot)


def before_spawn(spawner):
    """Refuse servers of people who left, and named servers that slipped past the address check."""
    if not groups_of(spawner.user) & SCHOOL:
        raise web.HTTPError(403, f"{spawner.user.name} is in no team of this school.")
    if spawner.name and not may_canary(spawner.name, spawner.user):
        raise web.HTTPError(403, "Named servers are for organisers.")
    if "NB_UID" not in spawner.environment:
        raise web.HTTPError(403, f"The GitHub account of {spawner.user.name} is unknown: log in.")
    if spawner.name:  # a candidate must pass with what students have, and may harm no more
        for variable in ("GROWTH_DATA_GID", "GROWTH_ADMIN_GID"):
            spawner.environment.pop(variable, None)
        let_the_bot_in(spawner)
    if hasattr(spawner, "volume_mounts"):  # of KubeSpawner
        settle_pod(spawner)
    return settle_container(spawner) if hasattr(spawner, "pull_image") else None  # DockerSpawner


def with_github_id(spawner, auth_state):
    """Tell the server the owner's GitHub account number, which survives renames, and the uid."""
    number = ((auth_state or {}).get("github_user") or {}).get("id", "")
    spawner.environment["GROWTH_GITHUB_ID"] = str(number)
    spawner.environment.pop("NB_UID", None)
    if number:
        spawner.environment["NB_UID"] = str(container_uid(number))
    elif BOT and spawner.user.name == BOT:
        spawner.environment["NB_UID"] = str(BOT_UID)


def image_of(spawner):
    """The image reference that the server runs; a process spawner is told a made-up one."""
    candidate = spawner.environment.get("GROWTH_CANARY_IMAGE", "")
    reference = getattr(spawner, "growth_reference", "") or getattr(spawner, "image", "")
    return candidate or reference or f"{IMAGE_NAME}:{IMAGE_TAG}"


def digest_of(spawner):
    """The digest of the image that the server runs; empty where the hub does not know it."""
    return getattr(spawner, "growth_digest", "") or image_of(spawner).partition("@")[2]


# With KubeSpawner the hub watches its pods anyway, and a pod's status says which image its node
# pulled. Whoever may list pods reads in them the hub token of every server; whoever may see servers
# at the hub is told their digests, and nothing else, by the hub itself.
PULLED = re.compile(r".+@(sha256:[0-9a-f]{64})")  # without a name: an id of the node's own store


def pulled_digest(spawner):
    """The digest that the server's pod runs now, as its node says; empty if it does not say so.

    A pod that is going and a container that does not run count for nothing. A container that was
    started again in its pod, by a tag that moved, runs another digest than at first.
    """
    reflector = getattr(spawner, "pod_reflector", None)
    pods = getattr(reflector, "pods", None) or {}
    pod = pods.get(f"{spawner.namespace}/{spawner.pod_name}") if pods else None
    if not pod or pod["metadata"].get("deletionTimestamp"):
        return ""
    for one in pod.get("status", {}).get("containerStatuses") or ():
        pulled = PULLED.fullmatch(one.get("imageID") or "")
        if one["name"] == "notebook" and "running" in one.get("state", {}) and pulled:
            return pulled[1]
    return ""


class RunningDigests(APIHandler):
    """GET /hub/api/growth/digests: [user, server, digest] of each server that may be seen."""

    def get(self):
        """Answer whoever may `read:servers`, for those servers only. Nothing is stored."""
        if self.current_user is None:
            raise web.HTTPError(403)
        may_see = self.get_scope_filter("read:servers")
        ready = [s for user in self.users.values() for s in user.spawners.values() if s.ready]
        rows = (
            [spawner.user.name, spawner.name, pulled_digest(spawner) or digest_of(spawner)]
            for spawner in ready
            if may_see(spawner, kind="server")
        )
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps({"digests": [row for row in rows if row[2]]}))


# ---- pre-pulling --------------------------------------------------------------------------------
# So that a morning of starts does not wait for the registry, organisers let every node fetch a
# digest of the school's image before. At Kubernetes that takes no right beyond those with which the
# hub starts servers: its nodes are those on which its namespace has servers, or the chart's
# pullers and placeholders, and each gets a pod that ends at once. What goes on is known to this
# process only: pods of a hub that was killed end by themselves, and the next call removes them.

DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
PREPULL = "growth-prepull"  # the component of our pods, and how their names begin
NODES_HAVE = ("continuous-image-puller", "user-placeholder")  # besides servers
PREPULL_S = 1800  # seconds that a node may take; it enforces this itself, too
SILENT_S = 120.0  # seconds after which a node that never takes its pod is given up
RETRY_S = 45.0  # seconds during which a node may try again what failed
LOOK_S = 1.0
PREPULLS = {}  # what goes on or is over, by digest
KEPT = 10  # of those that are over
OUR_PODS = set()  # names of those that are followed
# A container that waits for one of these has its image.
PULLED_ALL_THE_SAME = (
    *("CreateContainerConfigError", "CreateContainerError", "RunContainerError"),
    "CrashLoopBackOff",
)


def fetching_pod(spawner, image, node):
    """A pod with which `node` fetches `image`: as nobody, without mounts or token, over at once."""
    named = [{"name": one} if isinstance(one, str) else one for one in spawner.image_pull_secrets]
    container = {
        "name": "fetch",
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "command": ["true"],
        "resources": {"requests": {"cpu": "0", "memory": "0"}},  # as the chart's pullers
        "securityContext": {
            **{"runAsUser": 65534, "runAsGroup": 65534, "runAsNonRoot": True},
            **{"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True},
            "capabilities": {"drop": ["ALL"]},
        },
    }
    labels = {"component": PREPULL, "app.kubernetes.io/managed-by": "growth-admin"}
    return {
        "metadata": {"name": f"{PREPULL}-{secrets.token_hex(6)}", "labels": labels},
        "spec": {
            **{"nodeName": node, "restartPolicy": "Never", "terminationGracePeriodSeconds": 0},
            **{"activeDeadlineSeconds": PREPULL_S, "automountServiceAccountToken": False},
            **{"enableServiceLinks": False, "imagePullSecrets": named},
            **{"tolerations": list(spawner.tolerations or ()), "containers": [container]},
        },
    }


def fetched(pod):
    """(state, words) of a node from its pod's status.

    The state is waiting, fetching, trying-again, there or failed.
    """
    status = pod.get("status") or {}
    container = (status.get("containerStatuses") or [{}])[0]
    state = container.get("state") or {}
    waiting = state.get("waiting") or {}
    why = waiting.get("reason") or ""
    ran = "running" in state or ("terminated" in state and container.get("imageID"))
    if ran or why in PULLED_ALL_THE_SAME or status.get("phase") == "Succeeded":
        return "there", ""
    if status.get("phase") == "Failed":  # refused by the node, evicted, too late
        return "failed", said_by(status, "the node ended the pod")
    if why in ("ContainerCreating", "PodInitializing"):
        return "fetching", ""
    return ("trying-again", said_by(waiting, why)) if why else ("waiting", "")


def said_by(status, otherwise):
    """Reason and message of a part of a pod's status, in one line."""
    words = [status.get("reason"), status.get("message")]
    return ": ".join(" ".join(word.split()) for word in words if word)[:500] or otherwise


class PrePull:
    """One digest on its way to all nodes."""

    def __init__(self, spawner, digest):
        self.spawner = spawner
        self.image = f"{IMAGE_NAME}@{digest}"
        self.nodes = {}  # name -> (state, words)
        self.problem = ""
        on_kubernetes = hasattr(spawner, "volume_mounts")
        on_docker = hasattr(spawner, "pull_image")
        self.where = "nodes" if on_kubernetes else "machine" if on_docker else "processes"
        self.task = asyncio.ensure_future(self.work())

    def model(self):
        """What is told of it."""
        rows = [{"name": n, "state": s, "detail": w} for n, (s, w) in sorted(self.nodes.items())]
        state = "ended" if self.task.done() else "running"
        told = {"image": self.image, "where": self.where, "state": state, "nodes": rows}
        return {**told, "problem": self.problem}

    async def work(self):
        """Let all nodes fetch it, and remember what each came to."""
        try:
            if self.where == "nodes":
                await self.on_nodes()
            elif self.where == "machine":
                self.nodes["the hub's machine"] = ("fetching", "")
                # in a thread of its own, as in pulled()
                pulling = asyncio.get_running_loop().run_in_executor(None, self.on_machine)
                words = await asyncio.wait_for(pulling, PREPULL_S)
                self.nodes["the hub's machine"] = ("failed" if words else "there", words)
        except Exception as error:  # of the spawner's client: told, as are those of nodes
            self.spawner.log.exception("%s is not being fetched any more", self.image)
            self.problem = (str(error) or type(error).__name__)[:500]
        for node, (state, words) in self.nodes.items():
            if state not in ("there", "failed"):
                self.nodes[node] = ("failed", words or self.problem)

    def on_machine(self):
        """Pull it here unless it is here; why not, empty if it is. Runs in a thread."""
        client, words = self.spawner.client, ""
        try:
            client.inspect_image(self.image)
        except OSError:  # as all errors of the docker library
            words, _ = pulled(self.spawner, self.image)
            try:
                client.inspect_image(self.image)
            except OSError as error:
                return words or str(error)[:500]
        return ""

    async def on_nodes(self):
        """Follow a pod on each node until its image is there or cannot be had."""
        for pod in await self.listed(PREPULL):
            if pod["metadata"]["name"] not in OUR_PODS:  # of a hub that was killed
                await self.remove(pod["metadata"]["name"])
        known = await self.listed(*NODES_HAVE, self.spawner.component_label)
        live = [pod for pod in known if pod["status"].get("phase") in ("Pending", "Running")]
        nodes = {pod["spec"].get("nodeName") for pod in live} - {None}
        self.nodes = dict.fromkeys(nodes, ("waiting", ""))
        watched = {}  # name of a pod -> (its node, since when)
        try:
            for node in sorted(nodes):
                pod = fetching_pod(self.spawner, self.image, node)
                name = pod["metadata"]["name"]
                OUR_PODS.add(name)
                watched[name] = (node, time.monotonic())
                try:
                    await self.ask("create", body=pod)
                except OSError as error:  # the other nodes are tried all the same
                    self.nodes[node] = ("failed", str(error))
                    await self.remove(name)
                    del watched[name]
            await self.follow(watched)
        finally:
            for name in watched:
                await self.remove(name)

    async def follow(self, watched):
        """Look at the pods until none is watched any more; each is removed when it has told."""
        trouble = {}  # name of a pod -> (since when a node tries again, its words)
        while watched:
            await asyncio.sleep(LOOK_S)
            pods = {pod["metadata"]["name"]: pod for pod in await self.patiently()}
            for name, (node, since) in list(watched.items()):
                gone = ("failed", "its pod was removed by somebody else")
                state, words = fetched(pods[name]) if name in pods else gone
                took = time.monotonic() - since
                if state == "trying-again":
                    first, earlier = trouble.get(name, (time.monotonic(), ""))
                    # that it waits says nothing of why
                    words = earlier if earlier and words.startswith("ImagePullBackOff") else words
                    trouble[name] = (first, words)
                    state = "failed" if time.monotonic() - first > RETRY_S else "fetching"
                elif state == "fetching":
                    words = trouble.get(name, (0, ""))[1]
                if state == "waiting" and took > SILENT_S:
                    state, words = "failed", "the node does not take the pod"
                if state in ("waiting", "fetching") and took > PREPULL_S + SILENT_S:
                    state, words = "failed", words or "it took too long"
                self.nodes[node] = (state, words)
                if state in ("there", "failed"):
                    await self.remove(name)
                    del watched[name]

    async def patiently(self):
        """Our pods; while Kubernetes does not answer, they are asked for again for some time."""
        began = time.monotonic()
        while True:
            try:
                return await self.listed(PREPULL)
            except OSError as error:
                if time.monotonic() - began > SILENT_S:
                    raise
                self.spawner.log.warning("Our pods are not told: %s", error)
                await asyncio.sleep(LOOK_S * 5)

    async def listed(self, *components):
        """The pods of these components in the hub's namespace. Raises OSError."""
        wanted = f"component in ({','.join(components)})"
        return (await self.ask("list", label_selector=wanted))["items"]

    async def remove(self, name):
        """Remove one of our pods, unless it is gone already."""
        try:
            await self.ask("delete", name=name, grace_period_seconds=0)
        except OSError as error:
            self.spawner.log.warning("%s was not removed: %s", name, error)
        OUR_PODS.discard(name)

    async def ask(self, verb, **options):
        """Kubernetes' answer, as it wrote it, about pods of the hub's namespace. Raises OSError."""
        from aiohttp import ClientError  # of the spawner's client

        call = getattr(self.spawner.api, f"{verb}_namespaced_pod")
        options.update(namespace=self.spawner.namespace, _preload_content=False)
        try:
            reply = await call(**options, _request_timeout=30)
            answer = json.loads(await reply.read())
        except (ClientError, ValueError, asyncio.TimeoutError) as error:  # noqa: UP041
            said = str(error) or type(error).__name__
            raise OSError(f"Kubernetes does not answer: {said}") from error
        if reply.status >= 400 and (verb, reply.status) != ("delete", 404):
            raise OSError(f"Kubernetes refuses: {answer.get('message')}")
        return answer


def join_prepull(spawner, digest):
    """What lets nodes fetch `digest` now, begun unless it was already."""
    if digest not in PREPULLS or PREPULLS[digest].task.done():
        PREPULLS.pop(digest, None)
        over = [known for known, run in PREPULLS.items() if run.task.done()]
        for known in over[: len(over) - KEPT + 1] if len(over) >= KEPT else ():
            del PREPULLS[known]
        PREPULLS[digest] = PrePull(spawner, digest)
    return PREPULLS[digest]


class PrePulls(APIHandler):
    """GET and POST /hub/api/growth/prepull: let every node fetch a digest of the school's image.

    For organisers with the area images, who may start their canary with any such digest anyway.
    """

    def get(self):
        """Tell how far it is on each node."""
        digest = self.checked(self.get_query_argument("digest", ""))
        self.tell(PREPULLS.get(digest))

    def post(self):
        """Begin it, or join what runs."""
        asked = self.get_json_body()
        digest = self.checked(asked.get("digest") if isinstance(asked, dict) else None)
        self.log.info("%s lets nodes fetch %s@%s", self.current_user.name, IMAGE_NAME, digest)
        self.tell(join_prepull(self.current_user.spawner, digest))

    def checked(self, digest):
        """`digest`, if it is one and the visitor may ask; else an HTTPError."""
        scope = AREA_SCOPE["images"]
        if ADMINS not in groups_of(self.current_user) or scope not in self.expanded_scopes:
            raise web.HTTPError(403, f"That is for organisers with the scope {scope}.")
        if not isinstance(digest, str) or not DIGEST.fullmatch(digest):
            raise web.HTTPError(400, "digest is sha256: and 64 hexadecimal digits.")
        return digest

    def tell(self, run):
        """Write what is known of a run; `none` if there is none."""
        nothing = {"image": "", "where": "", "state": "none", "nodes": [], "problem": ""}
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps(run.model() if run else nothing))


def areas_of(spawner):
    """The owner's areas, separated by commas: a hint that saves work, never a permission.

    None on a canary: its image may hold another version of us, which must take no job over.
    """
    if spawner.name:
        return ""
    mine = {area for group in groups_of(spawner.user) for area in AREAS_OF.get(group, ())}
    return ",".join(area for area in AREAS if area in mine)


def proxy_url(spawner):
    """Where servers reach the proxy; empty where only the school can know."""
    if PROXY_URL or not JupyterHub.initialized():
        return PROXY_URL
    bind = urlsplit(JupyterHub.instance().bind_url)
    everywhere = bind.hostname in (None, "", "0.0.0.0", "::")
    host = urlsplit(spawner.hub.api_url).hostname if everywhere else bind.hostname
    port = f":{bind.port}" if bind.port else ""
    return f"{bind.scheme}://{f'[{host}]' if ':' in host else host}{port}"


c.Spawner.apply_user_options = apply_options
c.Spawner.pre_spawn_hook = before_spawn
c.Spawner.auth_state_hook = with_github_id
ENVIRONMENT = {
    "NB_USER": lambda spawner: container_name(spawner.user.name),
    "GROWTH_AREAS": areas_of,
    "GROWTH_GROUPS": lambda spawner: ",".join(sorted(groups_of(spawner.user))),
    "GROWTH_IMAGE": image_of,
    "GROWTH_IMAGE_DIGEST": digest_of,
}
# What the roster on organisers' servers must know as the hub does: whose teams, and what they are.
ROSTER_ENVIRONMENT = {
    "GROWTH_ORG": ORGANIZATION,
    "GROWTH_RESERVED_NAMES": MORE_RESERVED,
    **{f"GROWTH_{group.upper()}_TEAM": slug for slug, group in TEAMS.items()},
}
# Who is no student although the hub says so, and where the bot goes as a browser would.
BOT_ENVIRONMENT = {"GROWTH_BOT": BOT} if BOT else {}
ADMIN_ENVIRONMENT = {
    "GROWTH_ADMIN_GID": ADMIN_GID,
    # told, not granted: a check of an image says so where the hub starts no containers
    "GROWTH_IMAGES_RUN": lambda spawner: "yes" if hasattr(spawner, "image") else "no",
    # told, not granted: the panel offers to open a student's server where the role above lets in
    "GROWTH_BROWSER_SCOPES": ",".join(ADMIN_BROWSER),
    **ROSTER_ENVIRONMENT,
}
if BOT:
    ADMIN_ENVIRONMENT["GROWTH_PROXY_URL"] = proxy_url
GROUP_ENVIRONMENT = {
    "growth-10-data": ([ADMINS, TAS], {"GROWTH_DATA_GID": DATA_GID, **BOT_ENVIRONMENT}),
    "growth-20-admin": ([ADMINS], ADMIN_ENVIRONMENT),
}
OVERRIDES = {
    key: {"groups": groups, "spawner_override": {"environment": values}}
    for key, (groups, values) in GROUP_ENVIRONMENT.items()
}
# Whoever is deleted at the hub keeps the home: what becomes of it is the organisers' decision.
if "KubeSpawner" in c and "delete_pvc" not in c.KubeSpawner:
    c.KubeSpawner.delete_pvc = False
# A container that stopped may not be started again: what its student wrote into /opt/conda would
# run as root in the start chain.
c.DockerSpawner.remove = True
c.DockerSpawner.allowed_images = lambda spawner: {spawner.user_options.get("image"): spawner.image}
if "extra_create_kwargs" not in c.DockerSpawner:
    c.DockerSpawner.extra_create_kwargs = {"user": "root"}  # the start chain steps down by itself
# A spawner's own section would replace these dictionaries as a whole (z2jh fills KubeSpawner's).
for section in {"Spawner", *(name for name in c if name.endswith("Spawner"))}:
    for option, ours in (("environment", ENVIRONMENT), ("group_overrides", OVERRIDES)):
        theirs = c[section].get(option)
        if section == "Spawner" or isinstance(theirs, dict):
            c[section][option] = {**(theirs or {}), **ours}
