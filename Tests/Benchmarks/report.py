"""Writes docs/benchmarks.md out of a run's raw results."""

TITLES = {"floor": "C floor (bytes only)", "weir": "**Weir gateway**", "haproxy": "HAProxy", "nginx": "nginx",
          "envoy": "Envoy"}
KIB, MB = 1024, 1e6

INTRODUCTION = """\
# Benchmarks

What a request, a connection and a change cost. `make bench` measures everything here anew and rewrites this page;
`python3 Tests/Benchmarks/run.py --quick` only proves that the harness works.

## How it is measured

- One proxy at a time works: pinned to core 0, one worker. The load generator (wrk, 64 kept connections, a browser-like
  head) and the backend (a C responder, {body} bytes of body) share core 1. Everything stays on loopback.
- CPU per request is the run time of all the proxy's threads, user and kernel, over completed requests. A run with
  any error or any answer but 200 is thrown out as failed.
- Rounds are interleaved, {rounds} of {seconds} s each: all proxies once, then all again. Ratios are formed within a
  round, and medians over rounds: the same work swings by a third on a shared machine, the ratios much less.
- Every HTTP proxy has 100 prefix routes to the one backend, keep-alive on both sides, timeouts on, access log off,
  room for 12,000 connections, and adds X-Forwarded-For. Weir has its metrics on. HAProxy routes by a prefix map,
  nginx by locations, Envoy by a list of prefix routes; Envoy makes no request IDs.
- The floor forwards bytes with the system calls of a good epoll proxy and understands nothing. It shows what
  this kernel charges anybody.
- Where the load generator's core is the limit ("core busy" under 100 %), requests/s says nothing about the proxy, and its
  CPU per request is a little too high: it sleeps and wakes more often.
- At a fixed rate the generator sends when a request is due, whatever the proxy does, and counts latency from that
  instant, so a stall costs every request that fell into it.
"""


def write(results):
    parts = [INTRODUCTION.format(body=128, rounds=results["rounds"], seconds=results["seconds"]), _machine(results),
             _limits(results), "![CPU per request and resident memory](benchmarks.svg)\n"]
    for section in (_throughput, _many, _rate, _memory, _tables, _https, _sidecar, _rebuild, _cluster, _controller, _propagation,
                    _left_out):
        text = section(results)
        if text:
            parts.append(text)
    return "\n".join(parts)


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + " --- |" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def number(value, digits=1, unit=""):
    return "-" if value is None else f"{value:,.{digits}f}{unit}"


def _dig(results, *keys):
    for key in keys:
        if not isinstance(results, dict) or key not in results:
            return None
        results = results[key]
    return results


def _machine(results):
    machine = results["machine"]
    load = " ".join(map(str, machine["load"]))
    after = " ".join(map(str, results["load_after"]))
    return ("## The machine\n\n"
            f"Measured {machine['date']}: {machine['cores']} cores ({machine['processor']}), "
            f"{machine['memory_gib']} GiB, Linux {machine['kernel']}. Load average before the run {load}, after {after} "
            "(the run itself makes about 2).\n")


def limits(results):
    """(what, measured, limit, unit, digits) of every limit; measured is None when the run left it out."""
    idle = _dig(results, "memory", "weir", "steps", "0", "resident")
    ready = lambda *keys: _dig(results, "rebuild", *keys)
    live = ready("endpoints", "live_seconds", "median")
    return [
        ("CPU per request, times the floor", _dig(results, "throughput", "saturated", "weir_to", "floor"), 1.15, "x", 2),
        ("CPU per request, times HAProxy", _dig(results, "throughput", "saturated", "weir_to", "haproxy"), 0.90, "x", 2),
        ("CPU per request, times Envoy", _dig(results, "throughput", "saturated", "weir_to", "envoy"), 0.45, "x", 2),
        ("Resident memory, idle", idle / MB if idle else None, 12, " MB", 1),
        ("Memory per idle connection (10,000)", _kib(_dig(results, "memory", "weir", "bytes_per_connection")), 2, " KB", 2),
        ("CPU per request with 10,000 routes, times 10 routes", _dig(results, "tables", "weir", "10000", "ratio"), 1.1, "x", 2),
        ("Endpoint change live, 50,000 endpoints", live * 1e3 if live else None, 100, " ms", 0),
        ("Sidecar ready after its start, 10,000 Services", _ms(_dig(results, "cluster", "ready_seconds", "median")), 300,
         " ms", 0),
        ("Resident memory of a sidecar that calls 5 of 10,000 Services", _mb(_dig(results, "cluster", "resident")), 16,
         " MB", 1),
        ("The same at most, from its start through changes", _mb(_dig(results, "cluster", "peak")), 16, " MB", 1),
        ("CPU per change of one route, 10,000 Services",
         _ms(_dig(results, "cluster", "change_cpu_seconds", "route", "median")), 10, " ms", 1),
        ("1,000 routes have their statuses after a cold start, 10,000 Services",
         _dig(results, "controller", "status_seconds"), 10, " s", 1),
        ("Writes of one route's status for that, at most", _dig(results, "controller", "status_writes"), 2, "", 0),
        ("Controller with 50,000 endpoints and 1,000 watchers, at most", _mb(_dig(results, "controller", "peak")), 500, " MB", 0),
        ("Route changed at the API server, new answer, p99",
         _ms(_dig(results, "propagation", "fan_out", "answer", "p99_seconds")), 1000, " ms", 0),
        ("Compiling 10,000 routes", ready("routes", "compile_seconds"), 1, " s", 2),
    ]


def _ms(seconds):
    return None if seconds is None else seconds * 1e3


def _mb(count):
    return None if count is None else count / MB


def _kib(value):
    return None if value is None else value / KIB


def _limits(results):
    def verdict(value, limit):
        return "not measured" if value is None else "met" if value <= limit else "**missed**"
    rows = [(what, number(value, digits, unit) if value is not None else "-", f"<= {limit:g}{unit}", verdict(value, limit))
            for what, value, limit, unit, digits in limits(results)]
    return "## Limits\n\n" + table(("what", "measured", "limit", "verdict"), rows)


def _saturation_rows(measured):
    to = measured["weir_to"]
    for name, proxy in measured["proxies"].items():
        yield (TITLES[name], number(proxy["cpu_us"], 2), number(proxy["user_us"], 2), number(proxy.get("ratio"), 2),
               "1" if name == "weir" else number(to.get(name), 2), number(proxy["per_second"], 0),
               number(proxy["busy"] * 100, 0, " %"), number(proxy["p50_us"], 0), number(proxy["p99_us"], 0))


SATURATION = ("proxy", "CPU us/request", "of it user", "x floor", "Weir / it", "requests/s", "core busy", "p50 us", "p99 us")


def _throughput(results):
    measured = _dig(results, "throughput", "saturated")
    return measured and ("## CPU per request at saturation, 64 connections\n\n"
                         + table(SATURATION, _saturation_rows(measured)))


def _many(results):
    measured = _dig(results, "throughput", "many")
    return measured and (f"## The same with {measured['connections']} connections\n\n"
                         + table(SATURATION, _saturation_rows(measured)))


def _rate(results):
    measured = _dig(results, "throughput", "rate")
    if not measured:
        return None
    keys = ("p50_us", "p90_us", "p99_us", "p999_us", "max_us")
    rows = [(TITLES[name], *(number(proxy[key], 0) for key in keys)) for name, proxy in measured["proxies"].items()]
    return (f"## Latency at {measured['per_second']:,} requests/s, in microseconds\n\n"
            + table(("proxy", "p50", "p90", "p99", "p99.9", "largest"), rows))


def _memory(results):
    measured = _dig(results, "memory")
    if not measured:
        return None
    rows = []
    for name, proxy in measured.items():
        resident = [number(step["resident"] / MB, 1) for step in proxy["steps"].values()]
        lost = sum(int(count) - step["open"] for count, step in proxy["steps"].items() if "open" in step)
        rows.append((TITLES[name], *resident, number(proxy["steps"]["0"]["anonymous"] / MB, 1),
                     number(_kib(proxy["bytes_per_connection"]), 2), str(lost)))
    return ("## Resident memory in MB\n\nKept client connections that made one request each and then stay silent; "
            "the kernel's socket buffers are not in it. A connection's cost is that of anonymous memory.\n\n"
            + table(("proxy", "idle", "1,000", "10,000 connections", "anonymous, idle", "KB per connection",
                     "connections lost"), rows))


def _tables(results):
    measured = _dig(results, "tables")
    if not measured:
        return None
    sizes = list(next(iter(measured.values())))
    rows = [(TITLES[name], *(f"{number(proxy[size]['cpu_us'], 2)} ({number(proxy[size]['ratio'], 2)})" for size in sizes))
            for name, proxy in measured.items()]
    return ("## Route tables\n\nCPU microseconds per request, requests spread evenly over all routes; in parentheses times "
            "the smallest table. The floor has no table; its row is what more distinct requests cost by themselves.\n\n" + table(("proxy", *(f"{int(size):,} routes" for size in sizes)), rows))


def _https(results):
    measured = _dig(results, "https")
    if not measured:
        return None
    rows = [({"plain": "HTTP", "tls": "HTTPS (TLS 1.3)"}[name], number(entry["cpu_us"], 2), number(entry["user_us"], 2),
             number(entry["ratio"], 2), number(entry["per_second"], 0)) for name, entry in measured.items()]
    return ("## HTTPS at the gateway\n\nThe same requests to a plain and an HTTPS listener of one process, on kept connections.\n\n"
            + table(("listener", "CPU us/request", "of it user", "x HTTP", "requests/s"), rows))


def _sidecar(results):
    measured = _dig(results, "sidecar")
    if not measured or not measured["proxies"]:
        return None
    text = ("## Sidecar, outbound door\n\nIn a network namespace; a Service's ClusterIP redirected by iptables to the proxy, "
            "and to the floor on another port of it.\n\n" + table(SATURATION, (
                (row[0].replace("gateway", "sidecar"), *row[1:]) for row in _saturation_rows(measured))))
    if measured.get("memory"):
        steps = measured["memory"]["steps"]
        text += ("\nResident: " + ", ".join(f"{number(step['resident'] / MB, 1)} MB with {int(count):,} idle connections"
                                            for count, step in steps.items()) + ".\n")
    return text


def _rebuild(results):
    measured = _dig(results, "rebuild")
    if not measured:
        return None
    rows = []
    for name, entry in measured.items():
        live = entry["live_seconds"]
        rows.append((f"{entry['count']:,} {name}", number(entry["ready_seconds"], 2), number(entry.get("compile_seconds"), 2),
                     number(live["median"] * 1e3, 0), number(live["largest"] * 1e3, 0), str(live["bad_answers"]),
                     number(entry["resident"] / MB, 0)))
    return ("## Taking in changes\n\nFrom outside: a file is moved into the manifests folder, requests on one kept connection tell when "
            "its content is live. Compile time is what `weir_snapshot_compile_seconds` says. Bad answers are errors seen "
            "while a change came in.\n\n"
            + table(("resources", "start to ready s", "compile s", "change live ms, median", "largest", "bad answers",
                     "resident MB"), rows))


def _cluster(results):
    measured = _dig(results, "cluster")
    if not measured:
        return None
    ready, first = measured["ready_seconds"], measured["first_request_seconds"]
    rows = [("start to ready ms, median", number(ready["median"] * 1e3, 0)),
            (f"the same, largest of {ready['starts']}", number(ready["largest"] * 1e3, 0)),
            ("first request to a Service ms, median", number(first["median"] * 1e3, 1)),
            ("the same, largest", number(first["largest"] * 1e3, 1)),
            ("resident MB when ready", number(measured["resident_ready"] / MB, 1)),
            ("resident MB after the calls", number(measured["resident"] / MB, 1)),
            ("of it anonymous", number(measured["anonymous"] / MB, 1)),
            *_changes(measured),
            ("watches of EndpointSlices", number(measured["slice_watches"], 0))]
    return (f"## A sidecar in a large cluster\n\nAn API server with {measured['services']:,} Services and {measured['routes']} mesh "
            f"routes beside the sidecar; its pod calls {measured['called']} of the Services.\n\n" + table(("what", "measured"), rows))


def _controller(results):
    measured = _dig(results, "controller")
    if not measured:
        return None
    sizes = measured["sizes"]
    rows = [("start to the last route's status s", number(measured["status_seconds"], 2)),
            ("writes of one route's status, at most", number(measured["status_writes"], 0)),
            ("resident MB two seconds later", number(measured["resident_alone"] / MB, 1)),
            (f"resident MB with {sizes['watchers']:,} watchers", number(measured["resident_watched"] / MB, 1)),
            ("resident MB at most since the start", number(measured["peak"] / MB, 1))]
    return ("## A controller in a large cluster\n\n"
            f"{sizes['services']:,} Services with {sizes['endpoints_each']} endpoints each, and {sizes['routes']:,} routes without a "
            "status; then simulated sidecars with four watches each at its served API, over HTTPS.\n\n"
            + table(("what", "measured"), rows))


def _propagation(results):
    measured = _dig(results, "propagation")
    if not measured:
        return None
    rows = [(title, *(number(_ms(measured[way][what][key]), 0) for key in ("p50_seconds", "p99_seconds", "worst_seconds")))
            for way, place in (("fan_out", "fan-out"), ("direct", "API server")) for what, title in (
                ("answer", f"first new answer, sidecar and watchers at the {place}"),
                ("last_watcher", f"last watcher told, by the {place}"))]
    sizes = measured["sizes"]
    return ("## From a route's change to the new answer\n\n"
            f"A PATCH of one of {sizes['services']} routes at an API server, {sizes['changes']} times, while a client asks through a "
            f"sidecar; {sizes['watchers']:,} simulated sidecars with four watches each are told as well. Milliseconds from before "
            "the PATCH is sent. The fan-out is served over HTTPS, the API server of the tests in the clear; all of it runs on the "
            "same two cores.\n\n" + table(("what", "p50", "p99", "largest"), rows))


def _changes(measured):
    costs = measured["change_cpu_seconds"]
    what = {"route": "a route", "service": "a Service", "endpoints": "the endpoints of a Service it calls"}
    for kind, cost in costs.items():
        yield f"CPU ms for a change of {what[kind]}, median of {cost['count']}", number(cost["median"] * 1e3, 1)
    yield "resident MB two seconds after these", number(measured["resident_changed"] / MB, 1)
    yield "resident MB at most since the start", number(measured["peak"] / MB, 1)


def _left_out(results):
    lines = [f"- {name}: {reason}" for name, reason in {**results["notes"], **results["failures"]}.items()]
    return "## Left out\n\n" + "\n".join(lines) + "\n" if lines else None
