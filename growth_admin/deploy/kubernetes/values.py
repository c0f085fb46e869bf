"""The values for Zero to JupyterHub's chart: a pure function of the answers.

Sources: the chart's ``values.schema.yaml`` (4.4), KubeSpawner 7, docker-stacks' ``start.sh``. What
must be known of each person (mounts, groups, home) is not here but in ``hub_config.py``.
"""

from __future__ import annotations

import re
from typing import Final

import yaml

from growth_admin.deploy.kubernetes import wording
from growth_admin.deploy.kubernetes.answers import Answers
from growth_admin.deploy.kubernetes.network import Values, servers_policy

ADMIN_ROOT: Final = "/home/admin"
SHARED_ROOT: Final = "/nfs"
HOME_MOUNT: Final = "/home/{unescaped_username}"
"""What ``hub_config.py`` knows for the home and replaces by ``/home/$NB_USER``."""
SECRETS_ROOT: Final = "/etc/growth-admin/secrets"
WRITTEN_BY_ALL: Final = {
    ADMIN_ROOT: ("logs",),
    SHARED_ROOT: (".growth-admin/receipts", ".growth-admin/replies"),
}
"""Folders that the start chain (as root) or the notices' drop box write on every server."""
HUB_STATE: Final = "/srv/jupyterhub"
"""Where the chart's hub keeps its database (``hub.db.type: sqlite-pvc``)."""
CONFIG_KEY: Final = "growth"
"""Key of ``hub.extraConfig`` under which ``--set-file`` puts ``hub_config.py``."""
CHAIN_CAPABILITIES_DROPPED: Final = ("MKNOD", "NET_RAW")
"""Never needed; NET_RAW would let pods of one node answer for each other."""


def build_values(answers: Answers) -> Values:
    """Return the chart's values for a school."""
    return {
        "hub": _hub(answers),
        "proxy": _proxy(answers),
        "singleuser": _servers(answers),
        "scheduling": {
            # places that wait on warm nodes; the sizing page says how many for which morning
            "podPriority": {"enabled": True},
            "userPlaceholder": {"enabled": True, "replicas": 0},
            "userScheduler": {"enabled": True},
        },
        "prePuller": {"hook": {"enabled": True}, "continuous": {"enabled": True}},
        "cull": {
            "enabled": True,
            "timeout": round(answers.idle_hours * 3600),  # running jobs count as activity
            "every": 300,
            "users": False,
            "adminUsers": True,
            "removeNamedServers": True,  # canaries, whose homes are thrown away anyway
            "maxAge": 0,
        },
        **_pull_secrets(answers),
    }


def as_yaml(values: Values) -> str:
    """Return the values as the file that helm reads."""
    head = (
        "# Written by `growth-admin deploy render`; change the answers instead and render again.\n"
        "# For the chart jupyterhub (Zero to JupyterHub) 4.4. Holds no secret.\n"
    )
    return head + yaml.safe_dump(values, sort_keys=False, allow_unicode=True, width=100)


def claim_names(answers: Answers) -> dict[str, str]:
    """Return the claims of the shared folders by where they are mounted."""
    return {ADMIN_ROOT: f"{answers.name}-admin", SHARED_ROOT: f"{answers.name}-shared"}


def oauth_secret(answers: Answers) -> str:
    """Return the name of the secret with the OAuth app's client secret."""
    return f"{answers.name}-oauth"


def credentials_secret(answers: Answers) -> str:
    """Return the name of the secret that organisers' servers only get."""
    return f"{answers.name}-credentials"


def tls_secret(answers: Answers) -> str:
    """Return the name of the secret with the certificate, where a school brings its own."""
    return f"{answers.name}-tls"


# ---- the hub and what is in front of it


def _hub(answers: Answers) -> Values:
    many = answers.students > 300
    return {
        "allowNamedServers": True,
        "config": {
            "JupyterHub": {"admin_access": False, "authenticator_class": "github"},
            "GitHubOAuthenticator": {
                "client_id": answers.oauth_client_id,
                "oauth_callback_url": f"https://{answers.domain}/hub/oauth_callback",
            },
            "KubeSpawner": {
                "slug_scheme": "safe",
                "delete_pvc": False,  # whoever is offboarded keeps the home until somebody decides
                "container_security_context": {
                    "capabilities": {"drop": list(CHAIN_CAPABILITIES_DROPPED)}
                },
            },
        },
        "extraEnv": _hub_environment(answers),
        "db": {
            "type": "sqlite-pvc",
            "pvc": {"storage": "2Gi", **_storage_class(answers, "storageClassName")},
        },
        "concurrentSpawnLimit": 64,
        "resources": {
            "requests": {"cpu": "500m" if many else "200m", "memory": "1Gi" if many else "512Mi"}
        },
        "networkPolicy": {"enabled": True},
    }


def _hub_environment(answers: Answers) -> Values:
    """Return what ``hub_config.py`` reads, and the one secret by its name."""
    given = {
        "GROWTH_ORG": answers.organization,
        "GROWTH_ADMINS_TEAM": answers.admins_team,
        "GROWTH_TAS_TEAM": answers.tas_team,
        "GROWTH_STUDENTS_TEAM": answers.students_team,
        "GROWTH_IMAGE_NAME": answers.image_name,
        "GROWTH_IMAGE_TAG": answers.image_tag,
        "GROWTH_NAMES_FILE": f"{HUB_STATE}/growth-names.json",
        "GROWTH_CREDENTIALS_SECRET": credentials_secret(answers),
        "GROWTH_PROXY_URL": _proxy_url(answers),
        "GROWTH_TA_RESTARTS": "yes" if answers.ta_restarts else "",
        "GROWTH_BOT": answers.bot,
    }
    secret = {"name": oauth_secret(answers), "key": "client-secret"}
    return {
        **{name: value for name, value in given.items() if value},
        "GITHUB_CLIENT_SECRET": {"valueFrom": {"secretKeyRef": secret}},
    }


def _proxy_url(answers: Answers) -> str:
    """Return where servers reach the proxy without being sent on to https.

    With letsencrypt the service proxy-public leads to what ends https, and proxy-http past it; with
    a certificate of one's own the proxy itself sends http on, and only the domain has a name that
    the certificate knows.
    """
    if answers.https == "letsencrypt":
        return "http://proxy-http:8000"
    return f"https://{answers.domain}" if answers.https == "secret" else "http://proxy-public"


def _proxy(answers: Answers) -> Values:
    https: Values = {"enabled": True, "type": answers.https, "hosts": [answers.domain]}
    if answers.https == "letsencrypt":
        https["letsencrypt"] = {"contactEmail": answers.contact_email}
    if answers.https == "secret":
        https["secret"] = {"name": tls_secret(answers)}
    chp = {"resources": {"requests": {"cpu": "200m", "memory": "256Mi"}}}
    return {"https": https, "chp": {**chp, "networkPolicy": {"enabled": True}}}


def _pull_secrets(answers: Answers) -> Values:
    named = [{"name": answers.image_pull_secret}] if answers.image_pull_secret else []
    return {"imagePullSecrets": named} if named else {}


def _storage_class(answers: Answers, key: str) -> Values:
    return {key: answers.storage_class} if answers.storage_class else {}


# ---- people's servers


def _servers(answers: Answers) -> Values:
    return {
        "image": _image(answers),
        # the start chain begins as root, makes the person's account and drops to it with sudo;
        # no_new_privs (allowPrivilegeEscalation: false) holds from the start, so nobody gets back
        "uid": 0,
        "fsGid": None,  # would open every file of a home to its group at each start
        "allowPrivilegeEscalation": False,
        "cmd": "start-singleuser.sh",
        "defaultUrl": "/lab",
        "startTimeout": 600,
        "extraEnv": {"CHOWN_HOME": "yes"},  # a new claim belongs to root
        "extraFiles": {"growth-admin": _settings_file(answers)},
        "storage": _storage(answers),
        "cpu": {"guarantee": answers.cpu_guarantee, "limit": answers.cpu_limit},
        "memory": {
            "guarantee": _for_spawner(answers.memory_guarantee),
            "limit": _for_spawner(answers.memory_limit),
        },
        "networkPolicy": servers_policy(answers.reachable),
        "cloudMetadata": {"blockWithIptables": True, "ip": "169.254.169.254"},
    }


def _image(answers: Answers) -> Values:
    """By tag, which moves when an image is promoted; or by digest, which the chart has no key for.

    The chart writes NAME:TAG, so a digest's first part goes to the name.
    """
    if answers.image_digest:
        algorithm, _, digits = answers.image_digest.partition(":")
        name = f"{answers.image_name}@{algorithm}"
        return {"name": name, "tag": digits, "pullPolicy": pull_policy(answers)}
    named = {"name": answers.image_name, "tag": answers.image_tag}
    return {**named, "pullPolicy": pull_policy(answers)}


def pull_policy(answers: Answers) -> str:
    """Return when nodes ask the registry: always for a tag, which moves; a digest does not."""
    return "IfNotPresent" if answers.image_digest else "Always"


def _for_spawner(size: str) -> str:
    """Return a size as JupyterHub reads it: K, M, G and T, which it takes for powers of 1024."""
    exact = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)([KMGT])i?", size)
    return f"{exact[1]}{exact[2]}" if exact else str(int(wording.size_bytes(size)))


def _storage(answers: Answers) -> Values:
    claims = claim_names(answers)
    return {
        "type": "dynamic",
        "capacity": answers.home_size,
        "homeMountPath": HOME_MOUNT,
        "dynamic": {
            "pvcNameTemplate": answers.home_claims,
            "volumeNameTemplate": "volume-{user_server}",
            "storageAccessModes": ["ReadWriteOnce"],
            **_storage_class(answers, "storageClass"),
        },
        "extraVolumes": [
            {"name": name, "persistentVolumeClaim": {"claimName": name}} for name in claims.values()
        ],
        "extraVolumeMounts": [
            mount for root, name in claims.items() for mount in _mounts(root, name)
        ],
    }


def _mounts(root: str, volume: str) -> list[Values]:
    """Return the folder for reading, and in it what the chain and the notices write for anybody.

    ``hub_config.py`` opens the folder itself for those whose group may write there.
    """
    inner = [
        {"name": volume, "mountPath": f"{root}/{folder}", "subPath": folder}
        for folder in WRITTEN_BY_ALL[root]
    ]
    return [{"name": volume, "mountPath": root, "readOnly": True}, *inner]


def _settings_file(answers: Answers) -> Values:
    """Return where organisers' servers find their credentials. The file says nothing secret.

    It has the name of the extension's own settings, which server and terminal both read beside the
    image's ``jupyter_server_config.py``; of files in ``jupyter_server_config.d`` Jupyter takes only
    which extensions there are.
    """
    github: Values = {"organization": answers.organization}
    if answers.github_app_id:
        github["app_id"] = answers.github_app_id
        github["app_key_file"] = f"{SECRETS_ROOT}/github-app.pem"
    else:
        github["token_file"] = f"{SECRETS_ROOT}/github-token"
    return {
        "mountPath": "/etc/jupyter/jupyter_growth_admin_config.json",
        "data": {"GitHub": github},
    }
