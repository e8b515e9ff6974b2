"""The demo's little cluster: one network namespace per pod, and a bridge between them in a namespace of its own.

Nothing is made in the host's own network: even the cables are created between the namespaces. Names begin with PREFIX,
which is how everything is found again and removed.
"""

import subprocess
from dataclasses import dataclass, field
from pathlib import Path

PREFIX = "weir-demo-"
SWITCH = PREFIX + "switch"
BRIDGE_ADDRESS = "10.77.0.1"
POD_NETWORK = "10.77.0.0/24"
OUTSIDE_NETWORK = "192.0.2.0/24"
OUTSIDE = ("partner",)

# `ip netns exec` lays the files found here over /etc, so that names resolve in a namespace as they would in a pod.
ETC = Path("/etc/netns")


@dataclass(frozen=True)
class Pod:
    """A namespace with one address, and the name of the Kubernetes pod it plays."""

    name: str
    address: str
    pod: str = ""
    apps: tuple = field(default=())

    @property
    def namespace(self):
        return PREFIX + self.name


# Addresses are those of the EndpointSlices in deploy/examples. An app is (name, port).
PODS = {pod.name: pod for pod in (
    Pod("ana", "10.77.0.10", "shop/catalog-0", (("catalog", 8080),)),
    Pod("search", "10.77.0.11", "search/search-0", (("search", 8080),)),
    Pod("offers-v1", "10.77.0.21", "offers/offers-v1-0", (("offers-v1", 8080),)),
    Pod("offers-v2", "10.77.0.22", "offers/offers-v2-0", (("offers-v2", 8080),)),
    Pod("meshed", "10.77.0.30", "web/frontend-0"),
    Pod("unmeshed", "10.77.0.31"),
    Pod("gateway", "10.77.0.40"),
    Pod("banking", "10.77.0.51", "banking/accounts-0", (("banking", 8080),)),
    Pod("insurance", "10.77.0.52", "insurance/quotes-0", (("insurance", 8080),)),
    Pod("payments", "10.77.0.53", "payments/charge-0", (("payments", 8080),)),
    Pod("partner", "192.0.2.60", "", (("partner", 8080),)),
)}

# What the cluster's DNS would say.
HOSTS = {
    "catalog.shop": "10.96.0.10",
    "search.search": "10.96.0.11",
    "offers.offers": "10.96.0.20",
    "api.example.test": PODS["gateway"].address,
}


def build():
    """Lays out the switch and every pod. Anything left by an earlier run must be gone (`remove`)."""
    _ip("netns", "add", SWITCH)
    _ip("-n", SWITCH, "link", "add", "br0", "type", "bridge")
    _ip("-n", SWITCH, "address", "add", f"{BRIDGE_ADDRESS}/24", "dev", "br0")
    _ip("-n", SWITCH, "link", "set", "br0", "up")
    for pod in PODS.values():
        _add(pod)
    _stand_in_for_kube_proxy(PODS["unmeshed"])


def _add(pod):
    space = pod.namespace
    _write_etc(pod)
    _ip("netns", "add", space)
    # An interface's name has at most 15 characters.
    _ip("link", "add", pod.name, "netns", SWITCH, "type", "veth", "peer", "name", "eth0", "netns", space)
    _ip("-n", SWITCH, "link", "set", pod.name, "master", "br0", "up")
    _ip("-n", space, "link", "set", "lo", "up")
    _ip("-n", space, "address", "add", f"{pod.address}/24", "dev", "eth0")
    _ip("-n", space, "link", "set", "eth0", "up")
    other = POD_NETWORK if pod.name in OUTSIDE else OUTSIDE_NETWORK
    _ip("-n", space, "route", "add", other, "dev", "eth0")
    if pod.name not in OUTSIDE:
        # A ClusterIP needs a way out of the pod, even though a sidecar catches it before it leaves.
        _ip("-n", space, "route", "add", "default", "via", BRIDGE_ADDRESS)


def _write_etc(pod):
    folder = ETC / pod.namespace
    folder.mkdir(parents=True, exist_ok=True)
    names = ["127.0.0.1 localhost"] + [f"{address} {name}" for name, address in HOSTS.items()]
    (folder / "hosts").write_text("\n".join(names) + "\n")
    (folder / "resolv.conf").write_text(f"nameserver {PODS['partner'].address}\noptions timeout:1 attempts:2\n")


def _stand_in_for_kube_proxy(pod):
    """No kube-proxy runs here; one rule does its work for the caller that has no sidecar: ClusterIP to pod IP."""
    run_in(pod, ["iptables", "-t", "nat", "-A", "OUTPUT", "-d", HOSTS["catalog.shop"], "-p", "tcp", "--dport", "80",
                 "-j", "DNAT", "--to-destination", f"{PODS['ana'].address}:8080"])


def existing():
    """The demo's namespaces on this machine, whoever made them."""
    listed = _ip("netns", "list").stdout.split("\n")
    return [line.split()[0] for line in listed if line.startswith(PREFIX)]


def processes(space):
    """Ids of the processes that live in a namespace: nothing but the demo's own does."""
    return [int(word) for word in _ip("netns", "pids", space).stdout.split()]


def remove():
    """Removes every namespace of the demo, and what was laid over /etc for them. Their processes must have ended."""
    for space in existing():
        _ip("netns", "delete", space)
    for folder in ETC.glob(PREFIX + "*"):
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()


def command_in(pod, command):
    """The command line that runs `command` in a pod."""
    return ["ip", "netns", "exec", pod.namespace, *command]


def run_in(pod, command, timeout=20):
    """Runs a command in a pod to its end; an exit code other than 0 raises with what it said."""
    return _run(command_in(pod, command), timeout)


def _ip(*arguments):
    return _run(["ip", *arguments], timeout=20)


def _run(command, timeout):
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
    if done.returncode != 0:
        raise RuntimeError(f"`{' '.join(command)}` failed ({done.returncode}): {(done.stderr or done.stdout).strip()}")
    return done
