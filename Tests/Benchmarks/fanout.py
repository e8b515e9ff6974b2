#!/usr/bin/env python3
"""Measures the fan-out: `weir controller` serving a folder of manifests to simulated watchers.

    python3 Tests/Benchmarks/fanout.py            10,000 Services, 50,000 endpoints, 1,000 routes, 1,000 watchers
    python3 Tests/Benchmarks/fanout.py --quick    proves the harness
    python3 Tests/Benchmarks/fanout.py --tls      the same over TLS

Each watcher is what a sidecar is to the controller: one watch of Services, one of HTTPRoutes, one of the EndpointSlices of one
Service. Measured are the time from a route's change on disk to the last watcher that was told of it, and the controller's memory.
Exits 1 when a target is missed.
"""

import argparse
import json
import os
import ssl
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import measure
import processes
from streams import Stream, await_streams

ROUTES = "/apis/gateway.networking.k8s.io/v1/httproutes"
SERVICES = "/api/v1/services"
SLICES = "/apis/discovery.k8s.io/v1/endpointslices"
TARGET_SECONDS = 1.0
TARGET_BYTES = 500e6
NAMESPACES = 100
CHANGE_LIMIT = 30.0


def route(number, weight=1):
    return {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute",
            "metadata": {"name": f"route-{number}", "namespace": f"team-{number % NAMESPACES}"},
            "spec": {"parentRefs": [{"group": "", "kind": "Service", "name": f"service-{number}", "port": 80}],
                     "rules": [{"matches": [{"path": {"type": "PathPrefix", "value": f"/{part}"}}],
                                "backendRefs": [{"name": f"service-{number}", "port": 80, "weight": weight}]}
                               for part in ("api", "web", "static")]}}


def service(number):
    return {"apiVersion": "v1", "kind": "Service",
            "metadata": {"name": f"service-{number}", "namespace": f"team-{number % NAMESPACES}",
                         "labels": {"app.kubernetes.io/name": f"service-{number}", "app.kubernetes.io/part-of": "shop"}},
            "spec": {"clusterIP": f"10.{96 + number // 65536}.{number // 256 % 256}.{number % 256}", "type": "ClusterIP",
                     "selector": {"app.kubernetes.io/name": f"service-{number}"},
                     "ports": [{"name": "http", "port": 80, "targetPort": 8080, "protocol": "TCP"}]}}


def endpoint_slice(number, endpoints):
    name = f"service-{number}"
    return {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
            "metadata": {"name": f"{name}-x7k2p", "namespace": f"team-{number % NAMESPACES}",
                         "labels": {"kubernetes.io/service-name": name}},
            "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}],
            "endpoints": [{"addresses": [f"10.{128 + (number * endpoints + i) // 65536}."
                                         f"{(number * endpoints + i) // 256 % 256}.{(number * endpoints + i) % 256}"],
                           "conditions": {"ready": True, "serving": True, "terminating": False},
                           "nodeName": f"node-{i}", "zone": "zone-a",
                           "targetRef": {"kind": "Pod", "name": f"{name}-{i}", "namespace": f"team-{number % NAMESPACES}"}}
                          for i in range(endpoints)]}


def write_list(path, objects):
    part = path.with_name("." + path.name)
    part.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))
    os.replace(part, path)


def write_manifests(folder, sizes):
    for start in range(0, sizes["services"], 500):
        numbers = range(start, min(start + 500, sizes["services"]))
        write_list(folder / f"services-{start}.json", [service(n) for n in numbers])
        write_list(folder / f"slices-{start}.json", [endpoint_slice(n, sizes["endpoints"]) for n in numbers])
    for number in range(sizes["routes"]):
        write_list(folder / f"route-{number}.json", [route(number)])


def ask(port, target, context):
    stream = Stream(("127.0.0.1", port), target, context)
    stream.socket.setblocking(True)
    answer = b""
    while not answer.endswith((b"0\r\n\r\n", b"]}\n", b"}\n")):
        answer += stream.socket.recv(1 << 16)
    stream.socket.close()
    return answer


def list_version(port, path, context):
    answer = ask(port, path + "?limit=1", context)
    return json.loads(answer[answer.index(b"{"):answer.rindex(b"}") + 1])["metadata"]["resourceVersion"]


def open_watchers(port, sizes, context):
    versions = {path: list_version(port, path, context) for path in (ROUTES, SERVICES, SLICES)}
    address = ("127.0.0.1", port)
    watch = "?watch=1&allowWatchBookmarks=true&resourceVersion="
    streams = {"routes": [], "services": [], "slices": []}
    for number in range(sizes["watchers"]):
        selector = f"&labelSelector=kubernetes.io%2Fservice-name%3Dservice-{number % sizes['services']}"
        streams["routes"].append(Stream(address, ROUTES + watch + versions[ROUTES], context))
        streams["services"].append(Stream(address, SERVICES + watch + versions[SERVICES], context))
        streams["slices"].append(Stream(address, SLICES + watch + versions[SLICES] + selector, context))
    return streams


def await_marks(streams, mark, started):
    """Seconds from `started` until each stream has shown the mark."""
    times = []

    def look(stream):
        found = stream.read(mark)
        if found:
            times.append(time.monotonic() - started)
        return found

    await_streams(streams, look, CHANGE_LIMIT, "tell of the change")
    return times


def change_routes(folder, streams, sizes):
    """For each change, the seconds until the last watcher was told."""
    last = []
    for change in range(sizes["changes"]):
        number = change % sizes["routes"]
        weight = 100 + change
        started = time.monotonic()
        write_list(folder / f"route-{number}.json", [route(number, weight)])
        last.append(max(await_marks(streams["routes"], f'"weight":{weight}}}'.encode(), started)))
    return sorted(last)


def list_everything(port, sizes, context):
    """Many lists of all Services at once, read by nobody until all are asked for: what a restart of all proxies is."""
    streams = [Stream(("127.0.0.1", port), SERVICES, context) for _ in range(sizes["lists"])]
    started = time.monotonic()
    await_streams(streams, lambda stream: stream.read(b"]}\n"), CHANGE_LIMIT, "end")
    total = sum(stream.received for stream in streams)
    for stream in streams:
        stream.socket.close()
    return time.monotonic() - started, total


def make_certificate(folder):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", folder / "tls.key",
         "-out", folder / "tls.crt"], check=True, capture_output=True)
    return ssl.create_default_context(cafile=str(folder / "tls.crt"))


def run(binary, sizes, with_tls):
    with tempfile.TemporaryDirectory(prefix="weir-fanout-") as scratch:
        scratch = Path(scratch)
        folder = scratch / "manifests"
        folder.mkdir()
        write_manifests(folder, sizes)
        port, telemetry = processes.free_port(), processes.free_port()
        command = [binary, "controller", "--manifests", folder, "--serve", f"127.0.0.1:{port}", "--allow-anonymous",
                   "--telemetry", f"127.0.0.1:{telemetry}"]
        context = None
        if with_tls:
            context = make_certificate(scratch)
            command += ["--serve-certificate", scratch / "tls.crt", "--serve-key", scratch / "tls.key"]
        controller = processes.Process("controller", command, 0, scratch / "log")
        try:
            controller.await_ok(f"http://127.0.0.1:{telemetry}/healthz/ready")
            loaded = measure.memory(controller.pid)
            streams = open_watchers(port, sizes, context)
            last = change_routes(folder, streams, sizes)
            watched = measure.memory(controller.pid)
            seconds, size = list_everything(port, sizes, context)
            listed = measure.memory(controller.pid)
        finally:
            controller.stop()
    return {"sizes": sizes, "tls": with_tls, "p50_seconds": last[len(last) // 2],
            "p99_seconds": last[min(len(last) - 1, int(len(last) * 0.99))], "worst_seconds": last[-1],
            "loaded_bytes": loaded.resident, "watched_bytes": watched.resident, "listed_bytes": listed.resident,
            "lists_seconds": seconds, "lists_bytes": size}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a hundredth of everything")
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--json", action="store_true", help="print the numbers only")
    parser.add_argument("--binary", default=str(Path(__file__).parents[2] / ".build/release/weir"))
    options = parser.parse_args()
    sizes = {"services": 10_000, "endpoints": 5, "routes": 1_000, "watchers": 1_000, "changes": 200, "lists": 200}
    if options.quick:
        sizes = {"services": 100, "endpoints": 5, "routes": 20, "watchers": 20, "changes": 20, "lists": 10}
    processes.raise_descriptor_limit()
    result = run(options.binary, sizes, options.tls)
    if options.json:
        print(json.dumps(result, indent=2))
    else:
        print(f"{sizes['services']:,} Services, {sizes['services'] * sizes['endpoints']:,} endpoints, "
              f"{sizes['routes']:,} routes, {sizes['watchers']:,} watchers{', TLS' if options.tls else ''}")
        print(f"change to last watcher: p50 {result['p50_seconds'] * 1e3:.0f} ms, p99 {result['p99_seconds'] * 1e3:.0f} ms, "
              f"worst {result['worst_seconds'] * 1e3:.0f} ms of {sizes['changes']}")
        print(f"resident: {result['loaded_bytes'] / 1e6:.0f} MB loaded, {result['watched_bytes'] / 1e6:.0f} MB watched, "
              f"{result['listed_bytes'] / 1e6:.0f} MB after {sizes['lists']} lists of all Services at once "
              f"({result['lists_bytes'] / 1e6:.0f} MB in {result['lists_seconds']:.1f} s)")
    memory = max(result["loaded_bytes"], result["watched_bytes"], result["listed_bytes"])
    return 0 if result["p99_seconds"] < TARGET_SECONDS and memory < TARGET_BYTES else 1


if __name__ == "__main__":
    sys.exit(main())
