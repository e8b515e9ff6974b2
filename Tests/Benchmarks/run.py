"""Runs the benchmarks and writes docs/benchmarks.md and docs/benchmarks.svg.

    python3 Tests/Benchmarks/run.py             the whole, about a quarter of an hour on an idle machine
    python3 Tests/Benchmarks/run.py --quick     proves the harness in about two minutes, writes into .build/bench

Exits 1 when Weir was built and something about it could not be measured; a missed limit is reported, not an exit code.
"""

import argparse
import json
import signal
import sys
from pathlib import Path

import cluster
import controller
import https
import measure
import plot
import processes
import propagation
import rebuild
import report
import scenarios
import sidecar
import workspace

SCENARIOS = {"throughput": scenarios.throughput, "memory": scenarios.memory, "tables": scenarios.tables,
             "https": https.run, "sidecar": sidecar.run, "rebuild": rebuild.run, "cluster": cluster.run,
             "controller": controller.run,
             "propagation": propagation.run}


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=8, help="interleaved rounds (default 8)")
    parser.add_argument("--seconds", type=int, default=3, help="length of one round (default 3)")
    parser.add_argument("--quick", action="store_true", help="2 rounds of 1 s, written into .build/bench")
    parser.add_argument("--peers", default=",".join(scenarios.ORDER), help="which proxies, comma-separated")
    parser.add_argument("--only", default=",".join(SCENARIOS), help="which scenarios, comma-separated")
    parser.add_argument("--weir", type=Path, help="the weir binary (default .build/release/weir)")
    parser.add_argument("--out", type=Path, help="folder of the report (default docs)")
    parser.add_argument("--json", type=Path, help="also write the raw results to this file")
    parser.add_argument("--from-json", type=Path, help="write the report of earlier raw results; measures nothing")
    chosen = parser.parse_args()
    if chosen.quick:
        chosen.rounds, chosen.seconds = 2, 1
    chosen.peers, chosen.only = chosen.peers.split(","), chosen.only.split(",")
    unknown = (set(chosen.peers) - set(scenarios.ORDER)) | (set(chosen.only) - set(SCENARIOS))
    if unknown or chosen.rounds < 1 or chosen.seconds < 1:
        parser.error(f"unknown: {', '.join(sorted(unknown))}" if unknown else "rounds and seconds start at 1")
    chosen.out = chosen.out or (workspace.BUILD if chosen.quick else workspace.ROOT / "docs")
    if chosen.weir:
        workspace.WEIR = chosen.weir.resolve()
    return chosen


def measure_all(chosen):
    workspace.require_programs()
    processes.raise_descriptor_limit()
    results = {"machine": measure.machine(), "rounds": chosen.rounds, "seconds": chosen.seconds, "notes": {},
               "failures": {}}
    for name in chosen.only:
        print(f"== {name}", flush=True)
        try:
            results[name] = SCENARIOS[name](chosen, results["notes"])
        except Exception as error:  # one scenario's failure must not cost the others' results
            results["failures"][name] = f"{type(error).__name__}: {error}"
            print(f"failed: {results['failures'][name]}", file=sys.stderr, flush=True)
    results["load_after"] = measure.machine()["load"]
    # The report reads results the same way whether they are fresh or come from a file.
    return json.loads(json.dumps(results))


def main():
    chosen = options()
    # An ended run unwinds like an interrupted one: proxies stopped, namespace deleted.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        results = json.loads(chosen.from_json.read_text()) if chosen.from_json else measure_all(chosen)
    finally:
        workspace.remove_run_folder()
    if chosen.json:
        chosen.json.write_text(json.dumps(results, indent=1) + "\n")
    chosen.out.mkdir(parents=True, exist_ok=True)
    (chosen.out / "benchmarks.svg").write_text(plot.draw(results))
    (chosen.out / "benchmarks.md").write_text(report.write(results))
    print(f"wrote {chosen.out / 'benchmarks.md'} and benchmarks.svg")
    weir_failed = "weir" in results["notes"] and workspace.WEIR.exists()
    return 1 if results["failures"] or weir_failed else 0


if __name__ == "__main__":
    sys.exit(main())
