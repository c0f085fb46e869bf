"""What makes the hub of the tests' chart one that talks to the cluster.

Runs at the end of ``tests/deploy/chart_config.py``, whose names it shares.
"""

# ruff: noqa: F821

kube.init_containers = []  # the chart's own, whose image cannot be had, blocks cloud metadata
# the chart's secret with the files of singleuser.extraFiles
files = single["extraFiles"]
kube.volumes = [*kube.volumes, {"name": "files", "secret": {"secretName": "singleuser"}}]
kube.volume_mounts = [
    *kube.volume_mounts,
    *(
        {"name": "files", "mountPath": one["mountPath"], "subPath": key}
        for key, one in files.items()
    ),
]
kube.namespace = OUTSIDE["CLUSTER_NAMESPACE"]
c.JupyterHub.spawner_class = KubeSpawner
c.JupyterHub.hub_connect_url = OUTSIDE["CHART_HUB_URL"]
c.JupyterHub.cleanup_servers = False  # as the chart does: servers outlive the hub
for role in c.JupyterHub.load_roles:
    if role["name"] == "tests":
        role["scopes"] += ["admin:groups", "access:servers", "tokens", "read:hub"]
