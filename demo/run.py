"""Shows Weir at work in a little cluster of network namespaces.

    run.py           builds it, shows the table, removes it; exits 1 when a line differs from what is expected
    run.py --keep    leaves it running to play with
    run.py --stop    removes what --keep left

Needs root, iproute2, iptables, curl and the release binary of Weir.
"""

import argparse
import fcntl
import os
import shutil
import signal
import sys
from pathlib import Path

import checks
import cluster
import table
import topology

ROOT = Path(__file__).resolve().parent.parent
LOCK = "/run/weir-demo.lock"
LOGS_SHOWN = ("ana-sidecar", "meshed-sidecar", "gateway")


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keep", action="store_true", help="leave everything running")
    parser.add_argument("--stop", action="store_true", help="remove what --keep left running")
    parser.add_argument("--weir", type=Path, default=ROOT / ".build/release/weir", help="the binary to show")
    return parser.parse_args()


def missing(chosen):
    """Why the demo cannot run here; None when it can."""
    if os.geteuid() != 0:
        return "network namespaces and iptables need root; run it as root"
    absent = [program for program in ("ip", "iptables", "curl") if not shutil.which(program)]
    if absent:
        return f"not installed: {', '.join(absent)}; `make deps` installs them"
    if not chosen.stop and not os.access(chosen.weir, os.X_OK):
        return f"no binary at {chosen.weir}; `make build` makes it"
    return None


def own_turn():
    """Two demos would take each other's namespaces away: the second waits for the first."""
    lock = open(LOCK, "w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        print("demo: another one is running on this machine; waiting for it to end", flush=True)
        fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def show(chosen):
    """Builds, shows, says how it went. True when every line was as expected."""
    shown = table.Table()
    running = cluster.Cluster(chosen.weir.resolve())
    running.start()
    checks.Checks(running, shown).run()
    print(f"\n{shown.passed} lines as expected, {shown.failed} differ")
    if shown.failed:
        for name in LOGS_SHOWN:
            print(f"\nlast lines of {name}:\n{running.log(name)}")
    return shown.failed == 0


def how_to_play(weir):
    folder = cluster.STATE / "manifests"
    meshed, gateway = topology.PODS["meshed"].namespace, topology.PODS["gateway"].namespace
    ana, unmeshed = topology.PODS["ana"].namespace, topology.PODS["unmeshed"].namespace
    print(f"""
It is still running. The callers:
  ip netns exec {meshed} curl -i http://catalog.shop/products/7
  ip netns exec {unmeshed} curl -i http://catalog.shop/admin
  ip netns exec {gateway} curl -i http://api.example.test/banking/accounts
Edit the YAML files, or add one, and ask again:
  {folder}
What a proxy knows and counts (in its own namespace):
  ip netns exec {ana} curl http://127.0.0.1:15000/snapshot
  ip netns exec {gateway} curl http://127.0.0.1:15020/metrics
  ip netns exec {ana} {weir} intercept show
What Weir thinks of the files, and of one request:
  {weir} check --manifests {folder}
  {weir} explain --manifests {folder} --service shop/catalog:80 GET http://catalog.shop/admin
Logs: {cluster.LOGS}
Stop it all:
  make demo-stop""")


def stop_on_signal(number, frame):
    sys.exit(128 + number)


def main():
    chosen = options()
    problem = missing(chosen)
    if problem:
        sys.exit(f"demo: {problem}")
    lock = own_turn()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop_on_signal)
    keeps = False
    try:
        cluster.remove()
        if chosen.stop:
            return 0
        good = show(chosen)
        keeps = chosen.keep
        if keeps:
            how_to_play(chosen.weir)
        return 0 if good else 1
    except RuntimeError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    finally:
        # From here to the end no signal may cut the cleaning short.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        if not keeps:
            cluster.remove()
        lock.close()


if __name__ == "__main__":
    sys.exit(main())
