"""What a cluster costs a sidecar: an API server with 10,000 Services, of which the pod calls five. Measured are the time
from the sidecar's start until it is ready, the first request to a Service it has not called yet, what a change costs it,
and its memory: at rest, and at most from its start through all of the changes.

The API server is the one of the tests (`test-apiserver`), in the sidecar's network namespace; plain HTTP, so that what is
measured is the sidecar's work and not the server's TLS."""

import json
import subprocess
import sys
import time
from contextlib import ExitStack

import manifests
import measure
import peers
import processes
import weir
import workspace
from scenarios import say
from sidecar import (ADMIN, BACKEND_IP, BACKEND_PORT, INBOUND, NAMESPACE, OUTBOUND, POD_IP, TELEMETRY,
                     NetworkNamespace)
from targets import BACKEND_CORE, LOOPBACK, PROXY_CORE, Unavailable

SERVICES, CALLED, ROUTES = 10_000, 5, 100
STARTS = 10
REQUESTS = 50               # per called Service, so that pools and buffers are as in use
SETTLE_SECONDS = 2.0        # after the last request, before memory is read
CHANGES = 5                 # of each kind
CHANGE_SECONDS = 10         # a change that is not taken in by then is lost
AFTER_CHANGE = 0.3          # until its work is done, and counted
SERVICE_NETWORK = "198.19.0.0/16"
POD = "bench"

# Runs in the namespace: says, by the machine's monotonic clock, when the check first answers 200.
POLLER = """
import socket, sys, time
port = int(sys.argv[1])
print("polling", flush=True)
while True:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as check:
            check.sendall(b"GET /healthz/ready HTTP/1.1\\r\\nHost: check\\r\\nConnection: close\\r\\n\\r\\n")
            if check.recv(4096).startswith(b"HTTP/1.1 200"):
                print(time.monotonic(), flush=True)
                break
    except OSError:
        pass
    time.sleep(0.002)
"""

# Runs in the namespace: seconds of the first request to each address, then many more to all of them.
CALLER = """
import http.client, json, sys, time
first = []
for round_ in range(int(sys.argv[1])):
    for address in sys.argv[2:]:
        connection = http.client.HTTPConnection(address, 80, timeout=10)
        started = time.monotonic()
        connection.request("GET", "/item")
        response = connection.getresponse()
        response.read()
        if response.status != 200:
            sys.exit(f"{address}: status {response.status}")
        if round_ == 0:
            first.append(time.monotonic() - started)
        connection.close()
print(json.dumps(first))
"""

# Runs in the namespace: the version of the snapshot, after every line read.
VERSION = """
import json, sys, urllib.request
for line in sys.stdin:
    with urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/status", timeout=5) as answer:
        print(json.load(answer)["snapshot"]["version"], flush=True)
"""


def cluster_ip(index):
    return f"198.19.{index // 250}.{1 + index % 250}"


class APIServer:
    """The API server of the tests, as a process that takes commands."""

    def __init__(self, space, folder, files):
        if not workspace.API_SERVER.exists():
            raise Unavailable(f"{workspace.API_SERVER.relative_to(workspace.ROOT)} is not built "
                              "(swift build -c release --product test-apiserver)")
        self.kubeconfig = folder / "kubeconfig"
        command = [*space.prefix, "taskset", "-c", BACKEND_CORE, workspace.API_SERVER, self.kubeconfig, LOOPBACK, *files]
        self.child = subprocess.Popen([str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        ready = self.child.stdout.readline().strip()
        if ready != "ready":
            self.stop()
            raise processes.StartFailed(f"test-apiserver: {ready or 'ended'}")

    def ask(self, *words):
        self.child.stdin.write(" ".join(map(str, words)) + "\n")
        self.child.stdin.flush()
        return self.child.stdout.readline().strip()

    def stop(self):
        self.child.stdin.close()
        try:
            self.child.wait(processes.STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


def write_cluster(folder):
    """One file with everything; the path of it."""
    parent = {"group": "", "kind": "Service", "name": "service-00000", "port": 80}
    objects = [manifests.pod(NAMESPACE, POD, POD_IP)]
    for index in range(SERVICES):
        # All have the one backend: which of them answers is nobody's concern here.
        objects += manifests.service(NAMESPACE, f"service-{index:05d}", [BACKEND_IP], BACKEND_PORT, cluster_ip(index))
    objects += [manifests.route(NAMESPACE, index, parent, "service-00000") for index in range(ROUTES)]
    # The first Service is called too, so its routes let the caller's path pass.
    objects.append(manifests.route(NAMESPACE, ROUTES, parent, "service-00000", prefix="/item"))
    manifests.write(folder, "cluster", objects)
    return folder / "cluster.yaml"


def start_sidecar(space, api, folder, number):
    """A sidecar that is ready, and the seconds it took from its start."""
    poller = subprocess.Popen([*space.prefix, "taskset", "-c", str(BACKEND_CORE), sys.executable, "-c", POLLER,
                               str(TELEMETRY)], stdout=subprocess.PIPE, text=True)
    poller.stdout.readline()
    started = time.monotonic()
    process = processes.Process(
        "weir sidecar", [weir.require(), "sidecar", "--pod", f"{NAMESPACE}/{POD}", "--pod-ip", POD_IP, "--kubernetes",
                         "--kubeconfig", api.kubeconfig, "--workers", "1", "--outbound-port", OUTBOUND,
                         "--inbound-port", INBOUND, "--admin", f"{LOOPBACK}:{ADMIN}",
                         "--telemetry", f"{LOOPBACK}:{TELEMETRY}"],
        PROXY_CORE, folder / f"sidecar-{number}.log", space.prefix)
    try:
        poller.wait(processes.START_TIMEOUT)
        return process, float(poller.stdout.readline()) - started
    except BaseException as reason:
        poller.kill()
        process.check_alive()
        process.stop()
        raise processes.StartFailed(f"the sidecar was not ready: {reason}; log {process.log}") from reason


class Changes:
    """Changes of the cluster, one at a time, and the sidecar's CPU seconds for each."""

    def __init__(self, space, api, folder, pid):
        self.api, self.folder, self.pid, self.number = api, folder, pid, 0
        self.reader = subprocess.Popen([*space.prefix, sys.executable, "-c", VERSION, str(TELEMETRY)],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def stop(self):
        self.reader.stdin.close()
        self.reader.wait()

    def _version(self):
        self.reader.stdin.write("\n")
        self.reader.stdin.flush()
        return int(self.reader.stdout.readline())

    def make(self, objects):
        """Seconds of CPU."""
        self.number += 1
        manifests.write(self.folder, f"change-{self.number}", objects)
        version, before = self._version(), measure.cpu(self.pid).total
        if self.api.ask("put", self.folder / f"change-{self.number}.yaml") != "done":
            raise processes.StartFailed("the API server does not take a change")
        give_up = time.monotonic() + CHANGE_SECONDS
        while self._version() == version:
            if time.monotonic() > give_up:
                raise processes.StartFailed(f"change {self.number} was not taken in")
            time.sleep(0.02)
        time.sleep(AFTER_CHANGE)
        return measure.cpu(self.pid).total - before

    def routes(self, count):
        parent = {"group": "", "kind": "Service", "name": "service-00001", "port": 80}
        return [self.make([manifests.route(NAMESPACE, ROUTES + 1, parent, "service-00001", prefix=f"/change-{self.number}")])
                for _ in range(count)]

    def services(self, count):
        changed = lambda: manifests.service(NAMESPACE, "service-00002", [BACKEND_IP], BACKEND_PORT, cluster_ip(2))[0]
        costs = []
        for number in range(count):
            service = changed()
            service["spec"]["ports"].append({"name": "more", "port": 1000 + number, "protocol": "TCP"})
            costs.append(self.make([service]))
        return costs

    def endpoints(self, count):
        """Of a Service that the pod calls."""
        return [self.make(manifests.service(NAMESPACE, "service-00000", [BACKEND_IP, f"198.18.2.{1 + number}"], BACKEND_PORT,
                                            cluster_ip(0))[1:])
                for number in range(count)]


def change(space, api, folder, process, options):
    """What changes of each kind cost."""
    changes = Changes(space, api, folder, process.pid)
    try:
        count = 2 if options.quick else CHANGES
        costs = {"route": changes.routes(count), "service": changes.services(count), "endpoints": changes.endpoints(count)}
        say("  CPU per change " + ", ".join(f"{kind} {measure.median(taken) * 1e3:.1f} ms" for kind, taken in costs.items()))
        return {kind: {"median": measure.median(taken), "largest": max(taken), "count": count} for kind, taken in costs.items()}
    finally:
        changes.stop()


def run(options, notes):
    if "weir" not in options.peers:
        return {}
    try:
        with ExitStack() as stack:
            space = stack.enter_context(NetworkNamespace())
            space.redirect(SERVICE_NETWORK, OUTBOUND)
            responder = peers.start_backend("a", BACKEND_IP, BACKEND_PORT, space.prefix)
            stack.callback(responder.stop)
            folder = workspace.fresh_folder("cluster")
            api = APIServer(space, folder, [write_cluster(folder)])
            stack.callback(api.stop)
            say(f"  API server with {SERVICES} Services")
            times = []
            for number in range(2 if options.quick else STARTS):
                process, took = start_sidecar(space, api, folder, number)
                times.append(took)
                if number + 1 < (2 if options.quick else STARTS):
                    process.stop()
            stack.callback(process.stop)
            say(f"  ready after {' '.join(f'{took * 1e3:.0f}' for took in times)} ms")
            fresh = measure.memory(process.pid)
            called = [cluster_ip(index * (SERVICES // CALLED)) for index in range(CALLED)]
            asked = subprocess.run([*space.prefix, sys.executable, "-c", CALLER, str(REQUESTS), *called],
                                   capture_output=True, text=True)
            if asked.returncode != 0:
                raise processes.StartFailed(f"the caller failed: {asked.stderr.strip()}")
            first = json.loads(asked.stdout)
            time.sleep(SETTLE_SECONDS)
            used = measure.memory(process.pid)
            say(f"  resident {fresh.resident / 1e6:.1f} MB ready, {used.resident / 1e6:.1f} MB after calls; first requests "
                + " ".join(f"{seconds * 1e3:.0f}" for seconds in first) + " ms")
            changes = change(space, api, folder, process, options)
            time.sleep(SETTLE_SECONDS)
            changed, peak = measure.memory(process.pid), measure.peak(process.pid)
            say(f"  resident {changed.resident / 1e6:.1f} MB after changes, {peak / 1e6:.1f} MB at most")
            return {"services": SERVICES, "called": CALLED, "routes": ROUTES, "change_cpu_seconds": changes,
                    "resident_changed": changed.resident, "peak": peak,
                    "ready_seconds": {"median": measure.median(times), "largest": max(times), "starts": len(times)},
                    "first_request_seconds": {"median": measure.median(first), "largest": max(first)},
                    "resident_ready": fresh.resident, "resident": used.resident, "anonymous": used.anonymous,
                    "slice_watches": int(api.ask("watches", "endpointslices"))}
    except Unavailable as reason:
        notes["cluster"] = str(reason)
        return {}
