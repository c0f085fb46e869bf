"""A hub with plain KubeSpawner: the same image, none of our configuration. To compare with."""

import os
import sys
from pathlib import Path

c = get_config()  # noqa: F821  (JupyterHub provides it)
folder = Path(os.environ["CHART_FOLDER"])
c.JupyterHub.authenticator_class = "null"
c.JupyterHub.spawner_class = "kubespawner.KubeSpawner"
c.JupyterHub.bind_url = os.environ["CHART_URL"]
c.JupyterHub.hub_bind_url = os.environ["CHART_HUB_URL"]
c.JupyterHub.hub_connect_url = os.environ["CHART_HUB_URL"]
c.JupyterHub.db_url = f"sqlite:///{folder}/plain.sqlite"
c.JupyterHub.cookie_secret_file = f"{folder}/plain-cookie"
c.JupyterHub.services = [{"name": "tests", "api_token": os.environ["TESTS_TOKEN"]}]
c.JupyterHub.load_roles = [
    {"name": "tests", "scopes": ["admin:users", "admin:servers"], "services": ["tests"]}
]
c.ConfigurableHTTPProxy.api_url = os.environ["CHART_PROXY_URL"]
c.ConfigurableHTTPProxy.command = [str(Path(sys.executable).parent / "configurable-http-proxy")]
c.KubeSpawner.image = os.environ["CLUSTER_IMAGE"]
c.KubeSpawner.image_pull_policy = "Always"
c.KubeSpawner.namespace = os.environ["CLUSTER_NAMESPACE"]
c.KubeSpawner.pod_name_template = "plain-{username}"
c.KubeSpawner.start_timeout = 300
c.Spawner.cmd = ["jupyterhub-singleuser"]
