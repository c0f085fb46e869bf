"""The same school on Kubernetes: a few answers in, all that Zero to JupyterHub's chart needs out.

``answers`` are what a school decides, ``values`` and ``cluster`` turn them into the chart's values
and Kubernetes' manifests, ``rendering`` writes them, ``checks`` says what would not work. We write
no orchestration: the chart and KubeSpawner do that, with ``hub_config.py`` as their configuration.
"""
