"""What is measured on loopback. Rounds are interleaved: every proxy once, then every proxy again, because a shared
machine drifts by more than the proxies differ. Ratios are formed within a round, medians over rounds."""

from contextlib import contextmanager

import load
import measure
import peers
import weir
import workspace
from processes import StartFailed
from targets import Unavailable

ORDER = ["floor", "weir", "haproxy", "nginx", "envoy"]
STARTERS = {**peers.STARTERS, "weir": weir.start_gateway}
ROUTES, CONNECTIONS, MANY_CONNECTIONS = 100, 64, 512
RATE = 10_000
IDLE_STEPS = [1_000, 10_000]
TABLE_SIZES = [10, 1_000, 10_000]


def say(text):
    print(text, flush=True)


@contextmanager
def running(names, notes, starts):
    """Starts what can be started (name -> callable), notes what cannot and why, and stops everything at the end."""
    started = {}
    try:
        for name in names:
            try:
                started[name] = starts[name]()
            except (Unavailable, StartFailed) as reason:
                notes[name] = str(reason)
                say(f"  without {name}: {reason}")
        yield started
    finally:
        for proxy in started.values():
            proxy.stop()


@contextmanager
def backend(name="a"):
    responder = peers.start_backend(name)
    try:
        yield responder
    finally:
        responder.stop()


def interleave(proxies, rounds, once):
    """{name: [once(proxy) per round]}; the order turns by one each round so nobody always follows the same one."""
    results = {name: [] for name in proxies}
    names = list(proxies)
    for round_ in range(rounds):
        turned = names[round_ % len(names):] + names[:round_ % len(names)]
        for name in turned:
            results[name].append(once(proxies[name]))
        say("  " + "  ".join(f"{name} {_brief(results[name][-1])}" for name in names))
    return results


def _brief(result):
    return f"{result.cpu_us:.2f} us" if isinstance(result, load.Round) else f"p99 {result['p99_us']} us"


def summarise(rounds, baseline=None):
    """Medians of a proxy's rounds; with a baseline, the median of the ratios of CPU per request within a round."""
    summary = {name: measure.median([getattr(round_, name) for round_ in rounds])
               for name in ("cpu_us", "user_us", "busy", "per_second", "p50_us", "p99_us")}
    summary["rounds_cpu_us"] = [round(round_.cpu_us, 3) for round_ in rounds]
    if baseline:
        summary["ratio"] = measure.median([mine.cpu_us / its.cpu_us for mine, its in zip(rounds, baseline)])
    return summary


def ratios(results, of):
    """{other: median over rounds of CPU(of) / CPU(other)} for every proxy measured beside `of`."""
    if of not in results:
        return {}
    return {other: measure.median([mine.cpu_us / its.cpu_us for mine, its in zip(results[of], rounds)])
            for other, rounds in results.items() if other != of}


def _starts(responder, routes):
    return {name: (lambda start=start: start(responder, routes)) for name, start in STARTERS.items()}


def throughput(options, notes):
    """CPU per request, requests/s and latency at saturation, with few and with many connections; then a fixed rate."""
    outcome = {}
    with backend() as responder, running(options.peers, notes, _starts(responder, ROUTES)) as proxies:
        for label, connections in (("saturated", CONNECTIONS), ("many", MANY_CONNECTIONS)):
            say(f"{connections} connections, CPU per request")
            results = interleave(proxies, options.rounds, lambda proxy: load.wrk(
                proxy.target, proxy.pid, options.seconds, connections))
            outcome[label] = {
                "connections": connections,
                "proxies": {name: summarise(rounds, results.get("floor")) for name, rounds in results.items()},
                "weir_to": ratios(results, "weir")}
        say(f"{RATE} requests/s, latency")
        results = interleave(proxies, max(1, options.rounds // 2), lambda proxy: load.at_rate(
            proxy.target, RATE, options.seconds, CONNECTIONS))
        outcome["rate"] = {"per_second": RATE, "proxies": {
            name: {key: measure.median([round_[key] for round_ in rounds])
                   for key in ("p50_us", "p90_us", "p99_us", "p999_us", "max_us")} for name, rounds in results.items()}}
    return outcome


def memory(options, notes):
    """Resident memory of a fresh process: idle, and with idle keep-alive connections that made one request each."""
    outcome = {}
    for name in (name for name in options.peers if name != "floor"):
        with backend() as responder, running([name], notes, _starts(responder, ROUTES)) as proxies:
            if name in proxies:
                outcome[name] = idle_steps(proxies[name])
                say(f"  {name} " + "  ".join(f"{step}: {entry['resident'] / 1e6:.1f} MB" for step, entry in
                                             outcome[name]["steps"].items()))
    return outcome


def idle_steps(proxy, fresh=None):
    """Memory of one proxy by number of idle connections; `fresh` is that of the idle process if it worked since.

    A connection costs anonymous memory: pages of the program's file come with the first use of any code, and go again."""
    steps = {0: vars(fresh or measure.memory(proxy.pid))}
    for count in IDLE_STEPS:
        with load.IdleConnections(proxy.target, count) as held:
            steps[count] = {**vars(measure.memory(proxy.pid)), "open": held.still_open()}
    most = IDLE_STEPS[-1]
    return {"steps": steps, "bytes_per_connection": (steps[most]["anonymous"] - steps[0]["anonymous"]) / most}


def tables(options, notes):
    """CPU per request with a small, a large and a huge route table; three instances of one proxy, interleaved.
    The floor has no table: it shows what the load generator's own larger working set costs any proxy."""
    outcome = {}
    script = workspace.HERE / "spread.lua"
    for name in options.peers:
        say(f"{name}: {', '.join(map(str, TABLE_SIZES))} routes")
        with backend() as responder:
            starts = {size: (lambda size=size: STARTERS[name](responder, size)) for size in TABLE_SIZES}
            reasons = {}
            with running(TABLE_SIZES, reasons, starts) as proxies:
                if reasons:
                    notes[name] = next(iter(reasons.values()))
                    continue
                sizes = {proxy.pid: size for size, proxy in proxies.items()}
                results = interleave(proxies, options.rounds, lambda proxy: load.wrk(
                    proxy.target, proxy.pid, options.seconds, CONNECTIONS, script, [sizes[proxy.pid]]))
        outcome[name] = {size: summarise(rounds, results[TABLE_SIZES[0]]) for size, rounds in results.items()}
    return outcome
