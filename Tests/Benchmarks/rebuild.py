"""How long Weir takes to take in a change, seen from outside: a file of the manifests folder is moved into place and
requests tell when it is live."""

import http.client
import time
from contextlib import ExitStack

import manifests
import measure
import peers
import weir
import workspace
from scenarios import say
from targets import AUTHORITY, LOOPBACK, Unavailable, route_prefix

ROUTES = 10_000
ENDPOINTS, ENDPOINTS_PER_SLICE = 50_000, 100
CHANGES = 10
LIVE_TIMEOUT = 30.0
COMPILE_METRIC = "weir_snapshot_compile_seconds"


def run(options, notes):
    if "weir" not in options.peers:
        return {}
    try:
        weir.require()
    except Unavailable as reason:
        notes["weir"] = str(reason)
        return {}
    return {"routes": routes_change(), "endpoints": endpoints_change()}


class Asker:
    """One keep-alive client that asks again and again which responder answers a path."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection(LOOPBACK, port, timeout=5)

    def answer(self, path):
        """(status, name of the responder); reconnects when the proxy closed the connection."""
        try:
            self.connection.request("GET", path, headers={"Host": AUTHORITY})
            response = self.connection.getresponse()
            response.read()
            return response.status, response.headers.get("x-responder")
        except (http.client.HTTPException, OSError):
            self.connection.close()
            return None, None

    def seconds_until(self, path, wanted):
        """From now until `wanted(status, responder)`; also how many answers before were neither old nor new (5xx)."""
        started, bad = time.monotonic(), 0
        while True:
            status, responder = self.answer(path)
            took = time.monotonic() - started
            if wanted(status, responder):
                return took, bad
            bad += status is None or status >= 500
            if took > LIVE_TIMEOUT:
                raise TimeoutError(f"{path}: change not live within {LIVE_TIMEOUT:.0f} s; last answer {status} {responder}")


def _summary(times, bad):
    return {"median": measure.median(times), "largest": max(times), "changes": len(times), "bad_answers": bad}


def routes_change():
    """10,000 routes: from start to ready, the compile time Weir states, and a changed route file until it is live."""
    with ExitStack() as stack:
        responder = peers.start_backend("a")
        stack.callback(responder.stop)
        folder = workspace.fresh_folder("rebuild-routes")
        weir.write_gateway(folder, responder, ROUTES)
        started = time.monotonic()
        proxy = weir.start_on(folder, route_prefix(0))
        ready = time.monotonic() - started
        stack.callback(proxy.stop)
        say(f"  {ROUTES} routes: ready {ready:.2f} s after start")
        asker, times, bad = Asker(proxy.target.port), [], 0
        for change in range(CHANGES):
            fresh = f"/fresh-{change}"
            file = [manifests.route(weir.NAMESPACE, index, weir.PARENT, "backend",
                                    prefix=fresh if index == 0 else None) for index in range(manifests.ROUTES_PER_FILE)]
            manifests.write(folder, "routes-00000", file)
            took, wrong = asker.seconds_until(fresh, lambda status, _: status == 200)
            times.append(took)
            bad += wrong
        say(f"  route change live: {' '.join(f'{took * 1e3:.0f}' for took in times)} ms")
        return {"count": ROUTES, "ready_seconds": ready, "compile_seconds": weir.metric(proxy, COMPILE_METRIC),
                "live_seconds": _summary(times, bad), "resident": measure.memory(proxy.pid).resident}


def endpoints_change():
    """50,000 endpoints: one Service's only endpoint is swapped, until a request reaches the new one."""
    with ExitStack() as stack:
        old, new = peers.start_backend("a"), peers.start_backend("b")
        stack.callback(old.stop)
        stack.callback(new.stop)
        folder = workspace.fresh_folder("rebuild-endpoints")
        weir.write_gateway(folder, old, 1)
        for index in range(ENDPOINTS // ENDPOINTS_PER_SLICE):
            addresses = [f"127.{1 + index // 250}.{index % 250}.{1 + host}" for host in range(ENDPOINTS_PER_SLICE)]
            manifests.write(folder, f"service-{index:05d}",
                            manifests.service(weir.NAMESPACE, f"service-{index:05d}", addresses, 8080)
                            + [manifests.route(weir.NAMESPACE, 10 + index, weir.PARENT, f"service-{index:05d}")])
        started = time.monotonic()
        proxy = weir.start_on(folder, route_prefix(0))
        ready = time.monotonic() - started
        stack.callback(proxy.stop)
        say(f"  {ENDPOINTS} endpoints: ready {ready:.2f} s after start")
        asker, times, bad = Asker(proxy.target.port), [], 0
        for change in range(CHANGES):
            to = (new, old)[change % 2]
            manifests.write(folder, "service-backend",
                            manifests.service(weir.NAMESPACE, "backend", [LOOPBACK], to.target.port))
            name = ("b", "a")[change % 2]
            took, wrong = asker.seconds_until(f"{route_prefix(0)}/item", lambda _, responder: responder == name)
            times.append(took)
            bad += wrong
        say(f"  endpoint change live: {' '.join(f'{took * 1e3:.0f}' for took in times)} ms")
        return {"count": ENDPOINTS, "ready_seconds": ready, "live_seconds": _summary(times, bad),
                "resident": measure.memory(proxy.pid).resident}
