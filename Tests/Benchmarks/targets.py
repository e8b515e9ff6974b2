"""What a load is aimed at, and the running proxy behind it."""

from dataclasses import dataclass, field

import processes

LOOPBACK = "127.0.0.1"
AUTHORITY = "bench.example.com"
PROXY_CORE, BACKEND_CORE = 0, 1
BODY_BYTES = 128


def route_prefix(index):
    return f"/route-{index:05d}"


def item_path(routes):
    """The path every plain round asks for: one in the middle of the table."""
    return f"{route_prefix(routes // 2)}/item"


@dataclass(frozen=True)
class Target:
    """Where to send requests; `prefix` is the command that enters the target's network namespace."""
    port: int
    host: str = LOOPBACK
    path: str = "/"
    authority: str = AUTHORITY
    scheme: str = "http"
    prefix: tuple = ()


@dataclass
class Proxy:
    """A proxy under test: its process and where it listens."""
    name: str
    process: processes.Process
    target: Target
    extra: dict = field(default_factory=dict)

    @property
    def pid(self):
        return self.process.pid

    def stop(self):
        self.process.stop()


class Unavailable(Exception):
    """This proxy cannot be run here; the text says why and goes into the report."""
