#!/usr/bin/env python3
"""Measures how soon a change of a route counts: from before the PATCH is sent to the API server until a client of a sidecar gets the
first answer by it, while a thousand other sidecars are told of the same change.

    python3 Tests/Benchmarks/propagation.py           500 Services and routes, 1,000 watchers, 250 changes; with and without fan-out
    python3 Tests/Benchmarks/propagation.py --quick   proves the harness

Everything runs in a network namespace: the API server of the tests (`test-apiserver`), `weir controller` with its served API over
HTTPS and tokens that are looked at, one real `weir sidecar` behind the redirection, a client that asks through it, and the watchers,
each with the four watches of a sidecar. Without fan-out sidecar and watchers are at the API server itself, in the clear.
Exits 1 when the target is missed.
"""

import argparse
import base64
import json
import random
import re
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import fanout
import manifests
import measure
import peers
import processes
import sidecar
import watchers
import weir
import workspace
from cluster import SERVICE_NETWORK, APIServer, cluster_ip
from scenarios import say
from sidecar import (ADMIN, BACKEND_IP, BACKEND_PORT, INBOUND, NAMESPACE, OUTBOUND, POD_IP, TELEMETRY,
                     NetworkNamespace)
from targets import BACKEND_CORE, LOOPBACK, PROXY_CORE, Unavailable

TARGET_SECONDS = 1.0
SIZES = {"services": 500, "watchers": 1_000, "changes": 250}
QUICK = {"services": 50, "watchers": 20, "changes": 20}
SERVED_PORT, CONTROLLER_TELEMETRY = 15012, 15021
AUDIENCE = "weir.dev/fan-out"
POD = "bench"
PAUSE_SECONDS = 0.1  # at most, between two changes: none may fall into step with a timer
READ_LIMIT = 60.0


def versioned_rule(version):
    return {"matches": [{"path": {"type": "PathPrefix", "value": "/item"}}],
            "filters": [{"type": "ResponseHeaderModifier",
                         "responseHeaderModifier": {"set": [{"name": "x-version", "value": version}]}}],
            "backendRefs": [{"name": "service-00000", "port": 80}]}


def write_cluster(folder, sizes):
    """One file with everything; the path of it. The first route is the one that is changed."""
    objects = [manifests.pod(NAMESPACE, POD, POD_IP)]
    for index in range(sizes["services"]):
        name = f"service-{index:05d}"
        objects += manifests.service(NAMESPACE, name, [BACKEND_IP], BACKEND_PORT, cluster_ip(index))
        parent = {"group": "", "kind": "Service", "name": name, "port": 80}
        route = manifests.route(NAMESPACE, index, parent, name)
        if index == 0:
            route["spec"]["rules"] = [versioned_rule("version-0")]
        objects.append(route)
    manifests.write(folder, "cluster", objects)
    return folder / "cluster.yaml"


def service_account_token(name):
    """What the kubelet would project, but for the signature: nobody here looks at that."""
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
    return ".".join((part({"alg": "RS256", "kid": "bench"}),
                     part({"aud": [AUDIENCE], "exp": int(time.time()) + 3600, "iss": "https://kubernetes.default.svc",
                           "sub": f"system:serviceaccount:{NAMESPACE}:{name}"}),
                     base64.urlsafe_b64encode(name.encode().ljust(256, b".")).rstrip(b"=").decode()))


class Child:
    """One of our own programs in the namespace, that takes lines and says lines."""

    def __init__(self, space, program, options, core):
        command = [*space.prefix, "taskset", "-c", str(core), sys.executable, workspace.HERE / program, json.dumps(options)]
        self.name = program
        self.child = subprocess.Popen([str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      stderr=subprocess.PIPE, text=True)

    def say(self, line):
        self.child.stdin.write(f"{line}\n")
        self.child.stdin.flush()

    def hear(self):
        line = self.child.stdout.readline().strip()
        if not line:
            self.child.kill()
            raise processes.StartFailed(f"{self.name} failed: {self.child.stderr.read()[-1500:].strip()}")
        return line

    def stop(self):
        self.child.kill()
        self.child.communicate()


def make_certificate(folder):
    """For the served API; readable for the controller's own user."""
    fanout.make_certificate(folder)
    for name in ("tls.crt", "tls.key"):
        (folder / name).chmod(0o644)


def let_in(api, folder, names):
    """Makes the API server know a token of each name, and returns what `watchers.py` needs to know of the served API."""
    tokens = [service_account_token(name) for name in names]
    for name, token in zip(names, tokens):
        api.ask("token", token, NAMESPACE, name, AUDIENCE)
    (folder / "tokens").write_text("\n".join(tokens))
    return {"host": LOOPBACK, "port": SERVED_PORT, "tokens": str(folder / "tokens"), "authority": str(folder / "tls.crt")}


def start_controller(space, api, folder):
    telemetry = f"{LOOPBACK}:{CONTROLLER_TELEMETRY}"
    process = processes.Process(
        "weir controller",
        [weir.require(), "controller", "--kubernetes", "--kubeconfig", api.kubeconfig, "--no-leader-election",
         "--serve", f"{LOOPBACK}:{SERVED_PORT}", "--serve-certificate", folder / "tls.crt", "--serve-key", folder / "tls.key",
         "--telemetry", telemetry], PROXY_CORE, folder / "controller.log", space.prefix)
    try:
        process.await_ready(space.prefix, f"http://{telemetry}/healthz/ready")
    except BaseException:
        process.stop()
        raise
    return process


def start_sidecar(space, folder, source):
    labels = folder / "labels"
    labels.write_text(f'app="{POD}"\n')
    labels.chmod(0o644)
    process = processes.Process(
        "weir sidecar", [weir.require(), "sidecar", "--pod", f"{NAMESPACE}/{POD}", "--pod-ip", POD_IP, "--pod-labels", labels,
                         *source, "--workers", "1", "--outbound-port", OUTBOUND, "--inbound-port", INBOUND,
                         "--admin", f"{LOOPBACK}:{ADMIN}", "--telemetry", f"{LOOPBACK}:{TELEMETRY}"],
        BACKEND_CORE, folder / "sidecar.log", space.prefix)
    try:
        process.await_ready(space.prefix, f"http://{LOOPBACK}:{TELEMETRY}/healthz/ready")
    except BaseException:
        process.stop()
        raise
    return process


def summary(seconds):
    seconds = sorted(seconds)
    return {"p50_seconds": measure.median(seconds), "p99_seconds": seconds[min(len(seconds) - 1, int(len(seconds) * 0.99))],
            "worst_seconds": seconds[-1]}


def change_routes(caller, watching, count):
    """Seconds to the client's first new answer, and to the last watcher's event, of each change."""
    answers, last = [], []
    for number in range(1, count + 1):
        caller.say(number)
        started, answered, _ = map(float, caller.hear().split())
        version, told = watching.hear().split()
        if int(version) != number:
            raise processes.StartFailed(f"watchers tell of version {version} instead of {number}")
        answers.append(answered - started)
        last.append(float(told) - started)
        time.sleep(random.uniform(0, PAUSE_SECONDS))
    return {"answer": summary(answers), "last_watcher": summary(last)}


def measured(space, api, folder, sizes, fans_out):
    server = re.search(r'server: "?http://([0-9.]+:[0-9]+)', api.kubeconfig.read_text()).group(1)
    host, port = server.split(":")
    options = {"host": host, "port": int(port), "count": sizes["watchers"], "services": sizes["services"]}
    source = ["--kubernetes", "--kubeconfig", api.kubeconfig]
    with ExitStack() as stack:
        make_certificate(folder)
        # The controller is there either way: it writes the routes' statuses.
        controller = start_controller(space, api, folder)
        stack.callback(controller.stop)
        if fans_out:
            options |= let_in(api, folder, [f"sidecar-{number}" for number in range(sizes["watchers"])])
            token = service_account_token(POD)
            api.ask("token", token, NAMESPACE, POD, AUDIENCE)
            (folder / "token").write_text(token)
            (folder / "token").chmod(0o644)
            source = ["--kubernetes-via", f"https://localhost:{SERVED_PORT}", "--kubernetes-via-ca", folder / "tls.crt",
                      "--kubernetes-via-token-file", folder / "token"]
        stack.callback(start_sidecar(space, folder, source).stop)
        watching = Child(space, "watchers.py", options, BACKEND_CORE)
        stack.callback(watching.stop)
        started = time.monotonic()
        watching.hear()
        say(f"  {sizes['watchers']} watchers after {time.monotonic() - started:.1f} s")
        caller = Child(space, "caller.py", {
            "server": server, "route": f"{watchers.ROUTES.replace('/httproutes', f'/namespaces/{NAMESPACE}/httproutes')}/route-00000",
            "service": f"{cluster_ip(0)}:80", "path": "/item",
            "body": json.dumps({"spec": {"rules": [versioned_rule("VERSION")]}})}, BACKEND_CORE)
        stack.callback(caller.stop)
        caller.hear()
        result = change_routes(caller, watching, sizes["changes"])
        result["controller_resident"] = measure.memory(controller.pid).resident
        say("  " + ", ".join(f"{what.replace('_', ' ')}: " + " ".join(
            f"{key.split('_')[0]} {value * 1e3:.0f}" for key, value in result[what].items()) + " ms"
            for what in ("answer", "last_watcher")))
        return result


def run(options, notes):
    sizes = QUICK if options.quick else SIZES
    results = {"sizes": sizes}
    for name, fans_out in (("fan_out", True), ("direct", False)):
        try:
            with ExitStack() as stack:
                space = stack.enter_context(NetworkNamespace())
                space.redirect(SERVICE_NETWORK, OUTBOUND)
                responder = peers.start_backend("a", BACKEND_IP, BACKEND_PORT, space.prefix)
                stack.callback(responder.stop)
                folder = workspace.fresh_folder(f"propagation-{name}")
                api = APIServer(space, folder, [write_cluster(folder, sizes)])
                stack.callback(api.stop)
                say(f"  {'with' if fans_out else 'without'} fan-out")
                results[name] = measured(space, api, folder, sizes, fans_out)
        except Unavailable as reason:
            notes["propagation"] = str(reason)
            return {}
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few of everything")
    parser.add_argument("--changes", type=int, help=f"how many (default {SIZES['changes']})")
    parser.add_argument("--json", action="store_true", help="print the numbers at the end")
    options = parser.parse_args()
    if options.changes:
        SIZES["changes"] = QUICK["changes"] = options.changes
    processes.raise_descriptor_limit()
    notes = {}
    try:
        results = run(options, notes)
    finally:
        workspace.remove_run_folder()
    if notes:
        sys.exit("; ".join(notes.values()))
    if options.json:
        print(json.dumps(results, indent=1))
    return 0 if results["fan_out"]["answer"]["p99_seconds"] < TARGET_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
