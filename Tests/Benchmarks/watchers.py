"""Simulated sidecars, as a process of its own: each keeps the four watches that a sidecar does, over connections from an address of
its own, and shows a token of its own.

    watchers.py OPTIONS     a JSON object: host, port, count, services, tokens (a file with one a line; absent: none), authority
                            (a PEM file; absent: in the clear), path (of the watched namespace's objects)

Says "ready" when all watches are taken, then a line `VERSION SECONDS` each time the last of the watchers has been told of a new
value `version-N` of a route, by the machine's monotonic clock."""

import json
import re
import select
import ssl
import sys
import time
from pathlib import Path

import processes
from streams import Stream, await_streams

ROUTES = "/apis/gateway.networking.k8s.io/v1/httproutes"
OTHERS = ("/api/v1/services", "/apis/gateway.kgateway.dev/v1alpha1/backends")
SLICES = "/apis/discovery.k8s.io/v1/endpointslices"
VERSION = re.compile(rb'"version-(\d+)"')
OPENING_LIMIT = 60.0
OPENED_AT_ONCE = 100  # streams whose answers are awaited before more are opened


def ask(options, context, token, path):
    stream = Stream((options["host"], options["port"]), path, context, token)
    stream.socket.setblocking(True)
    answer = b""
    while not answer.endswith((b"0\r\n\r\n", b"}\n", b"}")):
        answer += stream.socket.recv(1 << 16)
    stream.socket.close()
    return json.loads(answer[answer.index(b"{"):answer.rindex(b"}") + 1])


def accepted(stream):
    for window in stream.windows():
        if b"HTTP/1.1 " in window and not b"HTTP/1.1 200" in window:
            sys.exit(f"a watch was refused: {window[:300]!r}")
        return True
    return False


def open_all(options, context, tokens):
    """The streams that watch routes, and those that watch anything else."""
    versions = {path: ask(options, context, tokens[0], f"{path}?limit=1")["metadata"]["resourceVersion"]
                for path in (ROUTES, *OTHERS, SLICES)}
    routes, others, fresh = [], [], []
    for number in range(options["count"]):
        # Each sidecar has an address, and the server may count by it.
        source = f"127.1.{number // 250}.{1 + number % 250}"
        selector = f"&labelSelector=kubernetes.io%2Fservice-name%3Dservice-{number % options['services']:05d}"
        for path in (ROUTES, *OTHERS, SLICES):
            target = f"{path}?watch=1&allowWatchBookmarks=true&resourceVersion={versions[path]}"
            stream = Stream((options["host"], options["port"]), target + (selector if path == SLICES else ""), context,
                            tokens[number % len(tokens)], source)
            (routes if path == ROUTES else others).append(stream)
            fresh.append(stream)
        if len(fresh) >= OPENED_AT_ONCE:
            await_streams(fresh, accepted, OPENING_LIMIT, "begin")
            fresh = []
    await_streams(fresh, accepted, OPENING_LIMIT, "begin")
    return routes, others


def tell(routes, others):
    """Follows all streams for ever."""
    poll = select.epoll()
    told = {stream.socket.fileno(): 0 for stream in routes}
    every = {stream.socket.fileno(): stream for stream in (*routes, *others)}
    for descriptor in every:
        poll.register(descriptor, select.EPOLLIN)
    newest, behind = 0, 0
    while True:
        for descriptor, _ in poll.poll():
            for window in every[descriptor].windows():
                for number in VERSION.findall(window):
                    version = int(number)
                    if version > newest:
                        newest, behind = version, len(told)
                    if told.get(descriptor, version) < version == newest:
                        told[descriptor] = version
                        behind -= 1
                        if behind == 0:
                            print(newest, time.monotonic(), flush=True)


def main():
    options = json.loads(sys.argv[1])
    processes.raise_descriptor_limit()
    context = ssl.create_default_context(cafile=options["authority"]) if options.get("authority") else None
    tokens = Path(options["tokens"]).read_text().split() if options.get("tokens") else [None]
    routes, others = open_all(options, context, tokens)
    print("ready", flush=True)
    tell(routes, others)


if __name__ == "__main__":
    main()
