"""The commands that put a school on a cluster, and the page that says what each is for."""

from __future__ import annotations

from typing import Final

from growth_admin.deploy.kubernetes import cluster, values
from growth_admin.deploy.kubernetes.answers import Answers

CHART_VERSION: Final = "4.4.0"
CHART_REPOSITORY: Final = "https://hub.jupyter.org/helm-chart/"


def three_commands(answers: Answers) -> list[str]:
    """Return what puts the school on a cluster, in order, to be run in the rendered folder."""
    secret = values.oauth_secret(answers)
    return [
        "kubectl apply -f cluster.yaml",
        cluster.fill_secret(answers, secret, "client-secret", "client-secret.txt"),
        f"helm upgrade --install {answers.name} jupyterhub --namespace {answers.name} "
        f"--repo {CHART_REPOSITORY} --version {CHART_VERSION} --values values.yaml "
        f"--set-file hub.extraConfig.{values.CONFIG_KEY}=hub_config.py --timeout 30m",
    ]


def before_them(answers: Answers) -> str:
    """Return what a school has to do besides the three commands, empty if nothing."""
    if answers.is_moved:
        return "A school that was there before: MOVING.md says when to run each. Not yet."
    more = [
        "the registry's login before the first" if answers.image_pull_secret else "",
        "the certificate before the third" if answers.https == "secret" else "",
    ]
    said = " and ".join(filter(None, more))
    return f"There is more to put into the cluster: {said}." if said else ""


def commands_page(answers: Answers) -> str:
    """Return the page with the commands and what each is for."""
    apply, secret, helm = three_commands(answers)
    name = answers.name
    return f"""# {answers.domain} on Kubernetes

Run in this folder, on the cluster that `kubectl config current-context` names. Each command may be
repeated; after a change of the answers render again (where you did before) and run 1 and 3.
{_moved(answers)}
1. {_login(answers)}{_first(answers)}

   ```
   {apply}
   ```

   {_then(answers)}

2. The OAuth app's client secret, saved here as `client-secret.txt` (delete it afterwards):

   ```
   {secret}
   ```

   A hub that runs already reads a new one with `kubectl -n {name} rollout restart deploy/hub`.
{_certificate(answers)}
3. The hub (first `growth-admin deploy check`, as in the README). The first time, and when the
   answers name another image, the chart's pre-puller fetches it onto every node before the hub
   starts; the command waits for that:

   ```
   {helm}
   ```

   {_address(answers)}
   Log in as a member of the team {answers.admins_team}, open a terminal, and run
   `growth-admin doctor`. Where GitHub lets nobody of the teams in: runbook O00, "The hub's OAuth
   app is approved".

{_troubles(answers)}
## Later

For the roster (runbook O00 says which credential; organisers' servers only get it, and see it after
their next start):

```
{_credentials(answers)}
```

- **Values of your own** (notes for the load balancer, a choice of nodes): in a file `extra.yaml`
  here, with `--values extra.yaml` behind the third command each time. `render` leaves it alone.
- To **try a release** without changing anything: `--dry-run=server` behind the third command.
- To **take a change back**: `helm -n {name} rollback {name}`.
- `helm -n {name} uninstall {name}` leaves homes, folders and secrets. The hub's database goes with
  it, and `growth-names.json` beside it, which says whose account each name is (MOVING.md of
  growth-admin, step 3, copies one into a new hub). `kubectl delete -f cluster.yaml` deletes the
  namespace with every home in it.
"""


def _moved(answers: Answers) -> str:
    if not answers.is_moved:
        return ""
    return (
        "\n**A school was here before: MOVING.md says when to run which.** The third command while "
        "the old\nrelease is there would change that one, or be refused.\n"
    )


def _login(answers: Answers) -> str:
    """Return how the registry's login comes into the cluster, before anything is pulled."""
    if not answers.image_pull_secret:
        return ""
    name, secret = answers.name, answers.image_pull_secret
    put = _put(
        f"kubectl -n {name} create secret generic {secret} "
        "--type=kubernetes.io/dockerconfigjson "
        "--from-file=.dockerconfigjson=$HOME/.docker/config.json"
    )
    return f"""The registry's login, as `docker login` wrote it down (a file with a `credsStore`
   holds none: then `create secret docker-registry {secret}` in the second line, with its options in
   the place of those before `--dry-run`):

   ```
   {_put(f"kubectl create namespace {name}")}
   {put}
   ```

   """


def _first(answers: Answers) -> str:
    return (
        "Namespace, shared folders, places for secrets (it changes nothing of the old school):"
        if answers.is_moved
        else "Namespace, shared folders, places for secrets, and a job that makes the folders and "
        "tries the\n   storage out:"
    )


def _then(answers: Answers) -> str:
    """Return how the shared folders come to be as they must."""
    name, pod = answers.name, cluster.MOVE_POD
    if answers.is_moved:
        return (
            f"Then the move of the folders (MOVING.md): `kubectl apply -f move.yaml`, and\n"
            f"   `kubectl -n {name} exec -it {pod} -- growth-admin deploy move`."
        )
    logs = (
        f"kubectl -n {name} logs --follow --pod-running-timeout=10m job/{cluster.job_name(answers)}"
    )
    return (
        f"What the job found: `{logs}`.\n   Every line should begin with `ok`; the others say what "
        "to do. Where no start scripts were, it\n   put those that come with growth-admin. The log "
        "is kept for a day; 1 again runs the job anew then."
    )


def _certificate(answers: Answers) -> str:
    if answers.https != "secret":
        return ""
    name, secret = answers.name, values.tls_secret(answers)
    put = _put(f"kubectl -n {name} create secret tls {secret} --cert=fullchain.pem --key=key.pem")
    return f"""
   And the certificate for {answers.domain}. The proxy reads it when it starts: after a new one
   `kubectl -n {name} rollout restart deploy/proxy`.

   ```
   {put}
   ```
"""


def _put(create: str) -> str:
    """Return a command that makes an object also where there is one, which `create` refuses."""
    return f"{create} --dry-run=client -o yaml | kubectl apply -f -"


def _address(answers: Answers) -> str:
    name, domain = answers.name, answers.domain
    text = (
        f"Then the address: `kubectl -n {name} get service proxy-public` shows it as EXTERNAL-IP "
        f"(`<pending>`\n   for more than minutes: this cluster has no load balancers to give); let "
        f"{domain} point there."
    )
    if answers.https == "letsencrypt":
        text += (
            "\n   Let's Encrypt was asked when the chart started, before the name led there. "
            f"Once it does: `kubectl -n\n   {name} rollout restart deploy/autohttps`; what it "
            f"objects to: `kubectl -n {name} logs deploy/autohttps -c traefik`."
        )
    if answers.https == "offload":
        text += (
            f"\n   The load balancer that has the certificate of {domain} speaks plain HTTP to "
            "this service."
        )
    return text


def _troubles(answers: Answers) -> str:
    name = answers.name
    pod = (
        f"pod {cluster.MOVE_POD}"
        if answers.is_moved
        else f"pod -l job-name={cluster.job_name(answers)}"
    )
    of_job = "pod" if answers.is_moved else "job"
    holder = cluster.MOVE_POD if answers.is_moved else cluster.job_name(answers)
    claims = " ".join(values.claim_names(answers).values())
    return f"""## When it does not go on

- **The {of_job} of 1 does not start**: `kubectl -n {name} describe {pod}`
  ends with the reason. *FailedMount*: `nfs_server` or one of its paths is wrong, or the export does
  not let this node in. *ErrImagePull*: the image's tag, or the registry's login.
- **Another NFS server or path**: Kubernetes says *immutable*, as volumes cannot be changed. With no
  server running, delete them and their claims, which deletes no file; then render again and 1:

  ```
  kubectl -n {name} delete {of_job} {holder} --ignore-not-found
  kubectl -n {name} delete pvc {claims}
  kubectl delete pv {claims}
  ```

- **3 waits and waits**: `kubectl -n {name} get pods` shows which pod does not come up, `kubectl -n
  {name} describe pod POD` why.
- **3 was interrupted**, and *another operation is in progress*: `helm -n {name} rollback {name}`,
  the first time `helm -n {name} uninstall {name}`; then 3 again.
"""


def _credentials(answers: Answers) -> str:
    key, file = (
        ("github-app.pem", "github-app.pem")
        if answers.github_app_id
        else ("github-token", "github-token.txt")
    )
    return cluster.fill_secret(answers, values.credentials_secret(answers), key, file)
