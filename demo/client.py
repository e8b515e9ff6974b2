"""Callers: curl in a pod's namespace, so that every line of the table can be repeated by hand."""

import json
import subprocess
import time
from dataclasses import dataclass

import topology

LIMIT_SECONDS = 8
# After the body, on a line of its own.
TRAILER = "\n%{http_code} %{time_total}"


@dataclass
class Answer:
    """What came back: status 0 means no HTTP response at all."""

    status: int
    seconds: float
    server: str = ""
    body: str = ""
    headers: str = ""

    @property
    def document(self):
        """What the application saw, when it was an application that answered."""
        try:
            seen = json.loads(self.body)
        except ValueError:
            return {}
        return seen if isinstance(seen, dict) else {}

    @property
    def app(self):
        return self.document.get("app", "")


def get(pod, url, *extra):
    """One GET from a pod; never raises for what the network does."""
    command = ["curl", "--silent", "--noproxy", "*", "--max-time", str(LIMIT_SECONDS), "--include",
               "--write-out", TRAILER, *extra, url]
    done = subprocess.run(topology.command_in(pod, command), capture_output=True, text=True, timeout=LIMIT_SECONDS + 5)
    text, _, trailer = done.stdout.rpartition("\n")
    words = trailer.split()
    if len(words) != 2 or words[0] == "000":
        return Answer(0, float(words[1]) if len(words) == 2 else 0.0)
    head, _, body = text.replace("\r\n", "\n").partition("\n\n")
    headers = head.lower()
    server = next((line[8:] for line in headers.split("\n") if line.startswith("server: ")), "")
    return Answer(int(words[0]), float(words[1]), server, body.strip(), headers)


def get_many(pod, url, count):
    """The application that answered each of `count` requests on one connection, '' where none did."""
    command = ["curl", "--silent", "--noproxy", "*", "--max-time", str(LIMIT_SECONDS), f"{url}?[1-{count}]"]
    done = subprocess.run(topology.command_in(pod, command), capture_output=True, text=True, timeout=LIMIT_SECONDS + 5)
    return [Answer(200, 0, body=line).app for line in done.stdout.splitlines()]


def until(condition, seconds, pause=0.02):
    """Asks again until the condition holds or the time is over. Returns its last value and the seconds it took."""
    begin = time.monotonic()
    while True:
        value = condition()
        took = time.monotonic() - begin
        if value or took > seconds:
            return value, took
        time.sleep(pause)
