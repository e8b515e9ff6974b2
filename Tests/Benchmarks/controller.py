"""What a large cluster costs the controller: an API server with 10,000 Services, 50,000 endpoints and 1,000 routes, none of which has
a status yet. Measured are the time from the controller's start until every route has its status, how often the status of one route
was written for that, and the controller's memory: then, with 1,000 watchers at its served API, and at most.

Runs in a network namespace of its own, as `propagation` does; half of the routes are a Gateway's, half are Services'."""

import time
from contextlib import ExitStack

import manifests
import measure
import processes
import propagation
import workspace
from cluster import APIServer, cluster_ip
from scenarios import say
from sidecar import BACKEND_PORT, NAMESPACE, NetworkNamespace
from targets import BACKEND_CORE, Unavailable

SIZES = {"services": 10_000, "endpoints_each": 5, "routes": 1_000, "watchers": 1_000}
QUICK = {"services": 100, "endpoints_each": 5, "routes": 20, "watchers": 20}
GATEWAY = "bench"
LOOK_SECONDS = 0.05
STATUS_SECONDS = 60  # statuses that are not there by then are lost
SETTLE_SECONDS = 2.0


def write_cluster(folder, sizes):
    """One file with everything; the path of it."""
    objects = manifests.gateway(NAMESPACE, GATEWAY)
    for index in range(sizes["services"]):
        addresses = [f"198.18.{2 + index % 200}.{1 + number}" for number in range(sizes["endpoints_each"])]
        objects += manifests.service(NAMESPACE, f"service-{index:05d}", addresses, BACKEND_PORT, cluster_ip(index))
    for index in range(sizes["routes"]):
        name = f"service-{index % sizes['services']:05d}"
        mesh = {"group": "", "kind": "Service", "name": name, "port": 80}
        objects.append(manifests.route(NAMESPACE, index, {"name": GATEWAY} if index % 2 else mesh, name))
    manifests.write(folder, "cluster", objects)
    return folder / "cluster.yaml"


def statuses(api):
    """How many routes have a status, and the most writes of one."""
    return map(int, api.ask("statuses", "httproutes").split())


def await_statuses(api, count, started):
    """Seconds from `started` until all routes have theirs."""
    while True:
        written, _ = statuses(api)
        if written == count:
            return time.monotonic() - started
        if time.monotonic() - started > STATUS_SECONDS:
            raise processes.StartFailed(f"{written} of {count} routes have a status after {STATUS_SECONDS} s")
        time.sleep(LOOK_SECONDS)


def measured(space, api, folder, sizes):
    with ExitStack() as stack:
        started = time.monotonic()
        controller = propagation.start_controller(space, api, folder)
        stack.callback(controller.stop)
        seconds = await_statuses(api, sizes["routes"], started)
        time.sleep(SETTLE_SECONDS)
        alone = measure.memory(controller.pid)
        options = propagation.let_in(api, folder, [f"sidecar-{number}" for number in range(sizes["watchers"])])
        options |= {"count": sizes["watchers"], "services": sizes["services"]}
        watching = propagation.Child(space, "watchers.py", options, BACKEND_CORE)
        stack.callback(watching.stop)
        watching.hear()
        time.sleep(SETTLE_SECONDS)
        _, writes = statuses(api)
        result = {"sizes": sizes, "status_seconds": seconds, "status_writes": writes, "resident_alone": alone.resident,
                  "resident_watched": measure.memory(controller.pid).resident, "peak": measure.peak(controller.pid)}
        say(f"  {sizes['routes']} statuses after {seconds:.2f} s, at most {writes} writes each; resident "
            + ", ".join(f"{key.split('_')[-1]} {result[key] / 1e6:.0f} MB"
                        for key in ("resident_alone", "resident_watched", "peak")))
        return result


def run(options, notes):
    if "weir" not in options.peers:
        return {}
    sizes = QUICK if options.quick else SIZES
    try:
        with ExitStack() as stack:
            space = stack.enter_context(NetworkNamespace())
            folder = workspace.fresh_folder("controller")
            propagation.make_certificate(folder)
            api = APIServer(space, folder, [write_cluster(folder, sizes)])
            stack.callback(api.stop)
            return measured(space, api, folder, sizes)
    except Unavailable as reason:
        notes["controller"] = str(reason)
        return {}
