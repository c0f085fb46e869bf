"""Whom pods may talk to, as network policies say it."""

from __future__ import annotations

from typing import Any

Values = dict[str, Any]


def egress_to(networks: tuple[str, ...]) -> list[Values]:
    """Return a network policy's rules for networks with a port, as 10.2.0.0/16:443."""
    rules = []
    for network in networks:
        block, _, port = network.rpartition(":")
        ports = [{"protocol": "TCP", "port": int(port)}]
        rules.append({"to": [{"ipBlock": {"cidr": block}}], "ports": ports})
    return rules


def servers_policy(reachable: tuple[str, ...]) -> Values:
    """Return whom servers may talk to: the hub, the proxy, DNS and the internet; nobody to them.

    Not each other, nothing private (so not the NFS server, which the nodes mount), no metadata.
    """
    return {
        "enabled": True,
        "ingress": [],
        "egress": egress_to(reachable),
        "egressAllowRules": {
            "cloudMetadataServer": False,
            "dnsPortsCloudMetadataServer": True,  # some clouds' DNS is there, on port 53 only
            "dnsPortsKubeSystemNamespace": True,
            "dnsPortsPrivateIPs": True,
            "nonPrivateIPs": True,
            "privateIPs": False,
        },
        "interNamespaceAccessLabels": "ignore",
    }
