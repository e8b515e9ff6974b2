"""Writes the Kubernetes resources a Weir under test reads, as JSON documents in files of a folder."""

import json
import os

from targets import AUTHORITY, route_prefix

ROUTES_PER_FILE = 100
REQUEST_TIMEOUT = "15s"


def _object(api, kind, namespace, name, labels=None, **content):
    metadata = {"name": name, **({"namespace": namespace} if namespace else {}), **({"labels": labels} if labels else {})}
    return {"apiVersion": api, "kind": kind, "metadata": metadata, **content}


def gateway(namespace="infra", name="bench", port=80, more=()):
    return [
        _object("gateway.networking.k8s.io/v1", "GatewayClass", None, "weir",
                spec={"controllerName": "weir.dev/gateway-controller"}),
        _object("gateway.networking.k8s.io/v1", "Gateway", namespace, name, spec={
            "gatewayClassName": "weir",
            "listeners": [{"name": "http", "protocol": "HTTP", "port": port}, *more]}),
    ]


def secret(namespace, name, certificate, key):
    """A Secret of type kubernetes.io/tls; both values are base64 already."""
    return _object("v1", "Secret", namespace, name, type="kubernetes.io/tls", data={"tls.crt": certificate, "tls.key": key})


def service(namespace, name, addresses, endpoint_port, cluster_ip=None):
    """A Service with port 80 and one EndpointSlice that holds its ready endpoints."""
    return [
        _object("v1", "Service", namespace, name, spec={
            **({"clusterIP": cluster_ip, "clusterIPs": [cluster_ip]} if cluster_ip else {}),
            "selector": {"app": name},
            "ports": [{"name": "http", "port": 80, "targetPort": endpoint_port, "protocol": "TCP"}]}),
        _object("discovery.k8s.io/v1", "EndpointSlice", namespace, f"{name}-1",
                labels={"kubernetes.io/service-name": name}, addressType="IPv4",
                ports=[{"name": "http", "port": endpoint_port, "protocol": "TCP"}],
                endpoints=[{"addresses": [address], "conditions": {"ready": True}} for address in addresses]),
    ]


def pod(namespace, name, address):
    return _object("v1", "Pod", namespace, name, labels={"app": name},
                   spec={"containers": [{"name": "app", "image": "app"}]},
                   status={"phase": "Running", "podIP": address, "podIPs": [{"ip": address}]})


def route(namespace, index, parent, backend, prefix=None):
    """One HTTPRoute with one prefix rule and a request timeout."""
    hostnames = {"hostnames": [AUTHORITY]} if parent.get("kind") != "Service" else {}
    return _object("gateway.networking.k8s.io/v1", "HTTPRoute", namespace, f"route-{index:05d}", spec={
        "parentRefs": [parent], **hostnames,
        "rules": [{
            "matches": [{"path": {"type": "PathPrefix", "value": prefix or route_prefix(index)}}],
            "timeouts": {"request": REQUEST_TIMEOUT},
            "backendRefs": [{"name": backend, "port": 80}]}]})


def write(folder, name, objects):
    """Writes a file and moves it into place, so a reader never sees half of it. A dot-name is ignored meanwhile."""
    hidden = folder / f".{name}.part"
    hidden.write_text("\n---\n".join(json.dumps(item) for item in objects) + "\n")
    hidden.chmod(0o644)
    os.rename(hidden, folder / f"{name}.yaml")


def write_routes(folder, namespace, count, parent, backend):
    for first in range(0, count, ROUTES_PER_FILE):
        write(folder, f"routes-{first:05d}",
              [route(namespace, index, parent, backend) for index in range(first, min(first + ROUTES_PER_FILE, count))])
