"""A client of a route, and whoever changes it, as a process of its own.

    caller.py OPTIONS       a JSON object: server (HOST:PORT of the API, in the clear), route (its path there), service (HOST:PORT
                            that is dialled), path, body (of the PATCH, with VERSION in it)

Asks the service once and says "ready". For each line `N` it changes the route so that answers carry `x-version: version-N`, asks
over one kept connection until they do, and says `STARTED ANSWERED ASKED`: by the machine's monotonic clock, the moment before the
PATCH was sent and the one at which the first new answer was there, and how many answers there were."""

import json
import socket
import sys
import time

LIMIT = 30.0
PAUSE = 0.001  # between two questions; what is measured is coarser by as much


class Connection:
    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.host = host
        self.socket = socket.create_connection((host, int(port)), timeout=LIMIT)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b""

    def send(self, method, path, body=b"", kind=""):
        fields = f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n" if body else ""
        self.socket.sendall(f"{method} {path} HTTP/1.1\r\nHost: {self.host}\r\n{fields}\r\n".encode() + body)

    def receive(self):
        """The head of the next answer, in lower case. Its body has a length."""
        while b"\r\n\r\n" not in self.rest:
            self._more()
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        head = head.lower() + b"\r\n"
        length = int(head.split(b"\r\ncontent-length: ", 1)[1].split(b"\r\n", 1)[0])
        while len(self.rest) < length:
            self._more()
        self.rest = self.rest[length:]
        return head

    def _more(self):
        piece = self.socket.recv(1 << 16)
        if not piece:
            raise ConnectionError(f"{self.host} ended the connection")
        self.rest += piece


def ask(client, path, asked):
    client.send("GET", path)
    head = client.receive()
    if not head.startswith(b"http/1.1 200"):
        sys.exit(f"answer {asked}: {head.splitlines()[0].decode()}")
    return head


def change(client, api, options, number):
    body = options["body"].replace("VERSION", f"version-{number}").encode()
    wanted = f"\r\nx-version: version-{number}\r\n".encode()
    started = time.monotonic()
    api.send("PATCH", options["route"], body, "application/merge-patch+json")
    asked = 1
    while wanted not in ask(client, options["path"], asked):
        asked += 1
        if time.monotonic() - started > LIMIT:
            sys.exit(f"change {number}: no new answer within {LIMIT:.0f} s")
        time.sleep(PAUSE)
    answered = time.monotonic()
    head = api.receive()
    if not head.startswith(b"http/1.1 200"):
        sys.exit(f"change {number}: the API server says {head.splitlines()[0].decode()}")
    print(started, answered, asked, flush=True)


def main():
    options = json.loads(sys.argv[1])
    client, api = Connection(options["service"]), Connection(options["server"])
    ask(client, options["path"], 0)
    print("ready", flush=True)
    for line in sys.stdin:
        change(client, api, options, int(line))


if __name__ == "__main__":
    main()
