"""Processes of a run: started on one core, awaited by their port, ended by their own pid."""

import os
import resource
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path

START_TIMEOUT = 60.0
STOP_TIMEOUT = 5.0
FIRST_PORT, LAST_PORT = 21000, 32000  # below the ephemeral range, so no outgoing connection takes one

_next_port = FIRST_PORT


class StartFailed(Exception):
    pass


def raise_descriptor_limit():
    """As many descriptors as this container allows; children inherit it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def free_port():
    """A port of the run's own range on which nothing listens."""
    global _next_port
    while _next_port < LAST_PORT:
        _next_port += 1
        with closing(socket.socket()) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", _next_port))
                return _next_port
            except OSError:
                continue
    raise StartFailed("no free port left for the benchmark")


class Process:
    """One pinned child process. `prefix` is how to enter a network namespace."""

    def __init__(self, name, command, core, log, prefix=(), user=None):
        self.name, self.log = name, Path(log)
        # Both `ip netns exec` and `taskset` replace themselves, so the pid is the program's own.
        full = [*prefix, "taskset", "-c", str(core), *(["setpriv", f"--reuid={user}", "--clear-groups"] if user else [])]
        with open(self.log, "wb") as output:
            self.child = subprocess.Popen(
                [str(part) for part in [*full, *command]], stdin=subprocess.DEVNULL, stdout=output,
                stderr=subprocess.STDOUT, start_new_session=True)
        self.pid = self.child.pid

    def check_alive(self):
        if self.child.poll() is not None:
            tail = self.log.read_text(errors="replace")[-1500:]
            raise StartFailed(f"{self.name} ended with {self.child.returncode}: {tail}")

    def await_listening(self, port):
        """Waits until some socket of the process's network namespace listens on the port."""
        wanted = f":{port:04X}"
        self._await(lambda: any(
            line.split()[1].endswith(wanted) and line.split()[3] == "0A"
            for table in ("tcp", "tcp6") for line in _lines(f"/proc/{self.pid}/net/{table}")[1:]), f"port {port}")

    def await_ok(self, url):
        self._await(lambda: _is_ok(url), url)

    def await_ready(self, prefix, url):
        """Like await_ok, asked from inside a network namespace."""
        ask = [*prefix, sys.executable, "-c", "import sys, urllib.request as r; r.urlopen(sys.argv[1], timeout=1)", url]
        self._await(lambda: subprocess.run(ask, capture_output=True).returncode == 0, url)

    def _await(self, condition, what):
        deadline = time.monotonic() + START_TIMEOUT
        while not condition():
            self.check_alive()
            if time.monotonic() > deadline:
                raise StartFailed(f"{self.name}: {what} not there within {START_TIMEOUT:.0f} s; log {self.log}")
            time.sleep(0.002)

    def stop(self):
        if self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(STOP_TIMEOUT)
            except subprocess.TimeoutExpired:
                os.kill(self.pid, 9)
                self.child.wait()


def _lines(path):
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []


def _is_ok(url):
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False
