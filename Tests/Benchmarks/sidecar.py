"""The sidecar's outbound door, in a network namespace of its own that has no way out: a Service's ClusterIP is
redirected to the proxy as the interception does it, the load generator dials the ClusterIP. The floor stands behind a
redirection of its own port of the same ClusterIP, so both pay for connection tracking and address translation.

Addresses come from 198.18.0.0/15, which is reserved for benchmarks (RFC 2544)."""

import os
import subprocess
from contextlib import ExitStack

import load
import manifests
import measure
import peers
import processes
import scenarios
import weir
import workspace
from scenarios import say
from targets import LOOPBACK, PROXY_CORE, Proxy, Target, Unavailable, item_path

CLUSTER_IP, POD_IP, BACKEND_IP = "198.18.0.10", "198.18.1.1", "198.18.1.2"
PROXY_USER = 1337
SERVICE_PORT, FLOOR_SERVICE_PORT, BACKEND_PORT = 80, 81, 8080
OUTBOUND, INBOUND, FLOOR = 15001, 15006, 15101
ADMIN, TELEMETRY = 15000, 15020
AUTHORITY = "backend.demo.svc.cluster.local"
NAMESPACE = "demo"


class NetworkNamespace:
    """A namespace with loopback only; deleted on exit, whatever happened in between."""

    def __init__(self):
        self.name = f"weir-bench-{os.getpid()}"
        self.prefix = ("ip", "netns", "exec", self.name)

    def __enter__(self):
        self._do("ip", "netns", "add", self.name)
        try:
            self._do(*self.prefix, "ip", "link", "set", "lo", "up")
            for address in (CLUSTER_IP, POD_IP, BACKEND_IP):
                self._do(*self.prefix, "ip", "address", "add", f"{address}/32", "dev", "lo")
            for port, to in ((SERVICE_PORT, OUTBOUND), (FLOOR_SERVICE_PORT, FLOOR)):
                self._do(*self.prefix, "iptables", "-w", "-t", "nat", "-A", "OUTPUT", "-d", CLUSTER_IP, "-p", "tcp",
                         "--dport", port, "-m", "owner", "!", "--uid-owner", PROXY_USER, "-j", "REDIRECT", "--to-ports", to)
        except BaseException:
            self.__exit__()
            raise
        return self

    def redirect(self, network, to):
        """Sends what is dialled in a network of Services to a port of the proxy, except by the proxy itself."""
        self._do(*self.prefix, "ip", "route", "add", network, "dev", "lo")
        self._do(*self.prefix, "iptables", "-w", "-t", "nat", "-A", "OUTPUT", "-d", network, "-p", "tcp",
                 "-m", "owner", "!", "--uid-owner", PROXY_USER, "-j", "REDIRECT", "--to-ports", to)

    def __exit__(self, *_):
        subprocess.run(["ip", "netns", "delete", self.name], check=False)

    @staticmethod
    def _do(*command):
        ran = subprocess.run([str(part) for part in command], capture_output=True, text=True)
        if ran.returncode != 0:
            raise Unavailable(f"network namespace: {' '.join(map(str, command))}: {ran.stderr.strip()}")


def _target(space, port, path):
    return Target(port=port, host=CLUSTER_IP, path=path, authority=AUTHORITY, prefix=space.prefix)


def start_floor(space):
    folder = workspace.fresh_folder("sidecar-floor")
    # REDIRECT sends what a process of the machine itself dials to loopback.
    process = processes.Process("floor", [workspace.native("floor"), LOOPBACK, FLOOR, BACKEND_IP, BACKEND_PORT],
                                PROXY_CORE, folder / "log", space.prefix, user=PROXY_USER)
    process.await_listening(FLOOR)
    return Proxy("floor", process, _target(space, FLOOR_SERVICE_PORT, item_path(scenarios.ROUTES)))


def start_weir(space):
    program = weir.require()
    folder = workspace.fresh_folder("sidecar")
    parent = {"group": "", "kind": "Service", "name": "backend", "port": 80}
    manifests.write(folder, "backend", manifests.service(NAMESPACE, "backend", [BACKEND_IP], BACKEND_PORT, CLUSTER_IP))
    manifests.write(folder, "bench", manifests.service(NAMESPACE, "bench", [POD_IP], BACKEND_PORT, "198.18.0.11"))
    manifests.write_routes(folder, NAMESPACE, scenarios.ROUTES, parent, "backend")
    process = processes.Process(
        "weir sidecar", [program, "sidecar", "--pod", f"{NAMESPACE}/bench", "--pod-ip", POD_IP, "--manifests", folder,
                         "--workers", "1", "--outbound-port", OUTBOUND, "--inbound-port", INBOUND,
                         "--admin", f"{LOOPBACK}:{ADMIN}", "--telemetry", f"{LOOPBACK}:{TELEMETRY}"],
        PROXY_CORE, folder.parent / "sidecar.log", space.prefix)
    proxy = Proxy("weir", process, _target(space, SERVICE_PORT, item_path(scenarios.ROUTES)))
    try:
        process.await_ready(space.prefix, f"http://{LOOPBACK}:{TELEMETRY}/healthz/ready")
    except BaseException:
        process.stop()
        raise
    return proxy


def run(options, notes):
    """CPU per request, latency and memory of the outbound door beside the floor behind the same redirection."""
    names = [name for name in ("floor", "weir") if name in options.peers]
    try:
        with ExitStack() as stack:
            space = stack.enter_context(NetworkNamespace())
            responder = peers.start_backend("a", BACKEND_IP, BACKEND_PORT, space.prefix)
            stack.callback(responder.stop)
            proxies = stack.enter_context(scenarios.running(names, notes, {
                "floor": lambda: start_floor(space), "weir": lambda: start_weir(space)}))
            fresh = measure.memory(proxies["weir"].pid) if "weir" in proxies else None
            say(f"{scenarios.CONNECTIONS} connections through the outbound door, CPU per request")
            results = scenarios.interleave(proxies, options.rounds, lambda proxy: load.wrk(
                proxy.target, proxy.pid, options.seconds, scenarios.CONNECTIONS))
            # Last, so that closing 10,000 connections does not fall into a round.
            memory = scenarios.idle_steps(proxies["weir"], fresh) if fresh else None
            return {"proxies": {name: scenarios.summarise(rounds, results.get("floor"))
                                for name, rounds in results.items()},
                    "weir_to": scenarios.ratios(results, "weir"), "memory": memory}
    except Unavailable as reason:
        notes["sidecar"] = str(reason)
        return {}
