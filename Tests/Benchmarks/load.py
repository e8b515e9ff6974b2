"""The load: wrk (closed loop), rate (open loop, ours), and idle connections."""

import json
import re
import subprocess
import sys
import time
from dataclasses import dataclass

import measure
import workspace

LOAD_CORE = 1
# What a browser or an SDK sends; every proxy parses the same head.
FIELDS = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0 Safari/537.36",
    "Accept": "application/json, text/plain, */*",
    "Accept-Language": "en-GB,en;q=0.8,de;q=0.5",
    "Accept-Encoding": "gzip, deflate, br",
    "X-Request-Id": "7b1d5a0c-64c1-4f0e-9a37-0f6e5a9a2c11",
}
UNITS = {"us": 1.0, "ms": 1000.0, "s": 1e6, "m": 6e7}


class LoadFailed(Exception):
    pass


@dataclass(frozen=True)
class Round:
    """One proxy under wrk for one round."""
    requests: int
    seconds: float
    cpu_us: float       # proxy CPU microseconds per request
    user_us: float
    busy: float         # share of its core the proxy used
    p50_us: float
    p99_us: float

    @property
    def per_second(self):
        return self.requests / self.seconds


def parse_wrk(text):
    """(requests, seconds, p50_us, p99_us) out of wrk's report; anything but clean 200s is a failed measurement."""
    problems = re.findall(r"(Socket errors:.*|Non-2xx or 3xx responses:.*)", text)
    total = re.search(r"(\d+) requests in ([\d.]+)(us|ms|s|m),", text)
    if problems or not total or int(total[1]) == 0:
        raise LoadFailed("; ".join(problems) or f"no report from wrk: {text[-500:]}")
    def percentile(mark):
        found = re.search(rf"^\s+{mark}%\s+([\d.]+)(us|ms|s|m)\s*$", text, re.M)
        return float(found[1]) * UNITS[found[2]] if found else None
    return int(total[1]), float(total[2]) * UNITS[total[3]] / 1e6, percentile(50), percentile(99)


def wrk(target, pid, seconds, connections, script=None, script_arguments=()):
    """A closed-loop round against `target`, and what the process `pid` spent on it."""
    command = [*target.prefix, "taskset", "-c", LOAD_CORE, "wrk", "-t1", f"-c{connections}", f"-d{seconds}s",
               "--latency", "--timeout", "5s", "-H", f"Host: {target.authority}"]
    for name, value in FIELDS.items():
        command += ["-H", f"{name}: {value}"]
    command += ["-s", script] if script else []
    command += [f"{target.scheme}://{target.host}:{target.port}{target.path}"]
    command += ["--", *script_arguments] if script else []
    before, started = measure.cpu(pid), time.monotonic()
    ran = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=seconds + 30)
    spent, wall = measure.cpu(pid) - before, time.monotonic() - started
    requests, took, p50, p99 = parse_wrk(ran.stdout + ran.stderr)
    return Round(requests, took, spent.total * 1e6 / requests, spent.user * 1e6 / requests, spent.total / wall, p50, p99)


def at_rate(target, per_second, seconds, connections):
    """An open-loop round; the generator's own JSON as a dictionary."""
    command = [*target.prefix, "taskset", "-c", LOAD_CORE, workspace.native("rate"), target.host, target.port,
               target.path, target.authority, connections, per_second, seconds]
    ran = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=seconds + 30)
    if ran.returncode != 0:
        raise LoadFailed(ran.stderr.strip() or f"rate ended with {ran.returncode}")
    result = json.loads(ran.stdout)
    if result["errors"] or result["not_ok"]:
        raise LoadFailed(f"errors at a fixed rate: {ran.stdout.strip()}")
    return result


class IdleConnections:
    """Keep-alive client connections that made one request each and then stay silent, held by a child process."""

    def __init__(self, target, count):
        command = [*target.prefix, "taskset", "-c", LOAD_CORE, sys.executable, workspace.HERE / "idle.py", target.host,
                   target.port, target.path, target.authority, count]
        self.child = subprocess.Popen([str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      text=True)

    def __enter__(self):
        if self.child.stdout.readline().strip() != "held":
            self.__exit__()
            raise LoadFailed("the idle connections could not all be opened")
        return self

    def still_open(self):
        self.child.stdin.write("count\n")
        self.child.stdin.flush()
        return int(self.child.stdout.readline())

    def __exit__(self, *_):
        self.child.stdin.close()
        self.child.wait(30)
