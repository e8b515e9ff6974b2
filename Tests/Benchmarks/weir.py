"""Weir under test: the gateway on loopback, the sidecar in a network namespace."""

import os
import re
import urllib.request

import manifests
import processes
import workspace
from targets import LOOPBACK, PROXY_CORE, Proxy, Target, Unavailable, item_path

NAMESPACE, GATEWAY = "infra", "bench"
PARENT = {"name": GATEWAY}


def require():
    if not workspace.WEIR.exists():
        raise Unavailable(f"{workspace.WEIR.relative_to(workspace.ROOT)} is not built")
    # Every flag can come from the environment: the peers run without access logs too.
    os.environ["WEIR_ACCESS_LOG"] = "off"
    return workspace.WEIR


def start_on(folder, path, port=None):
    """A gateway on a folder of manifests that is already written; its listener on port 80 is on `port`, if that matters."""
    port, admin, telemetry = port or processes.free_port(), processes.free_port(), processes.free_port()
    process = processes.Process(
        "weir", [require(), "gateway", "--gateway", f"{NAMESPACE}/{GATEWAY}", "--manifests", folder, "--workers", "1",
                 "--bind", LOOPBACK, "--port-offset", port - 80, "--admin", f"{LOOPBACK}:{admin}",
                 "--telemetry", f"{LOOPBACK}:{telemetry}"],
        PROXY_CORE, folder.parent / f"{folder.name}.log")
    try:
        process.await_ok(f"http://{LOOPBACK}:{telemetry}/healthz/ready")
    except BaseException:
        process.stop()
        raise
    return Proxy("weir", process, Target(port=port, path=path), {"admin": admin, "telemetry": telemetry, "folder": folder})


def write_gateway(folder, backend, routes):
    manifests.write(folder, "gateway", manifests.gateway(NAMESPACE, GATEWAY))
    manifests.write(folder, "service-backend", manifests.service(NAMESPACE, "backend", [LOOPBACK], backend.target.port))
    manifests.write_routes(folder, NAMESPACE, routes, PARENT, "backend")


def start_gateway(backend, routes):
    require()
    folder = workspace.fresh_folder(f"weir-{backend.target.port}-{routes}")
    write_gateway(folder, backend, routes)
    return start_on(folder, item_path(routes))


def metric(proxy, name):
    """Seconds of the latest event of a metric: a gauge's value, or a histogram's mean. None when it is not there."""
    with urllib.request.urlopen(f"http://{LOOPBACK}:{proxy.extra['telemetry']}/metrics", timeout=10) as answer:
        return parse_metric(answer.read().decode(), name)


def parse_metric(text, name):
    def value(metric):
        found = re.search(rf"^{metric}(?:\{{[^}}]*\}})? ([-+.eE\d]+)", text, re.M)
        return float(found[1]) if found else None
    gauge, total, count = value(name), value(f"{name}_sum"), value(f"{name}_count")
    if gauge is not None:
        return gauge
    return total / count if total is not None and count else None
