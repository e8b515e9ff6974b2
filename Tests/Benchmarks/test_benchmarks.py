"""Tests of the benchmark's own arithmetic: python3 -m unittest discover -s Tests/Benchmarks"""

import socket
import unittest
import xml.dom.minidom

import load
import plot
import report
import scenarios
import streams
import weir

WRK = """Running 2s test @ http://127.0.0.1:1/x
  Latency Distribution
     50%  645.00us
     75%  725.00us
     99%    1.09ms
  142313 requests in 2.00s, 34.47MB read
"""


def round_of(cpu_us):
    return load.Round(requests=100, seconds=2.0, cpu_us=cpu_us, user_us=1.0, busy=0.9, p50_us=10, p99_us=20)


def results():
    floor, ours = [round_of(10), round_of(20)], [round_of(11), round_of(30)]
    measured = {"floor": floor, "weir": ours}
    proxies = {name: scenarios.summarise(rounds, floor) for name, rounds in measured.items()}
    saturated = {"connections": 64, "proxies": proxies, "weir_to": scenarios.ratios(measured, "weir")}
    return {"machine": {"date": "d", "cores": 2, "processor": "p", "kernel": "k", "memory_gib": 1, "load": [0]},
            "load_after": [0], "rounds": 2, "seconds": 1, "notes": {"envoy": "not here"}, "failures": {},
            "throughput": {"saturated": saturated},
            "memory": {"weir": {"steps": {"0": {"resident": 6e6, "anonymous": 1e6},
                                          "10000": {"resident": 36e6, "anonymous": 1e6, "open": 9_999}},
                                "bytes_per_connection": 3000.0}}}


class LoadTests(unittest.TestCase):
    def test_a_wrk_report_is_read_in_microseconds(self):
        self.assertEqual(load.parse_wrk(WRK), (142313, 2.0, 645.0, 1090.0))

    def test_a_report_with_errors_is_no_measurement(self):
        for line in ("  Socket errors: connect 0, read 3, write 0, timeout 0", "  Non-2xx or 3xx responses: 7"):
            with self.assertRaises(load.LoadFailed):
                load.parse_wrk(WRK + line + "\n")


class ArithmeticTests(unittest.TestCase):
    def test_ratios_are_formed_within_a_round(self):
        # 11/10 and 30/20: a ratio of medians would say 20.5/15.
        self.assertAlmostEqual(scenarios.ratios({"floor": [round_of(10), round_of(20)],
                                                 "weir": [round_of(11), round_of(30)]}, "weir")["floor"], 1.3)

    def test_a_gauge_or_a_histograms_mean_is_read_from_metrics(self):
        self.assertEqual(weir.parse_metric('a_seconds{kind="x"} 0.25\n', "a_seconds"), 0.25)
        self.assertEqual(weir.parse_metric('a_seconds_bucket{le="1"} 4\na_seconds_sum 2\na_seconds_count 4\n', "a_seconds"), 0.5)
        self.assertIsNone(weir.parse_metric("b 1\n", "a_seconds"))


class ReportTests(unittest.TestCase):
    def test_limits_say_met_missed_or_not_measured(self):
        text = report.write(results())
        self.assertIn("| CPU per request, times the floor | 1.30x | <= 1.15x | **missed** |", text)
        self.assertIn("| Resident memory, idle | 6.0 MB | <= 12 MB | met |", text)
        self.assertIn("| Compiling 10,000 routes | - | <= 1 s | not measured |", text)

    def test_what_was_left_out_and_lost_is_said(self):
        text = report.write(results())
        self.assertIn("- envoy: not here", text)
        self.assertIn("| 2.93 | 1 |", text)

    def test_a_large_cluster_has_its_limits_and_its_table(self):
        cost = {"median": 0.004, "largest": 0.006, "count": 5}
        measured = results() | {"cluster": {
            "change_cpu_seconds": {"route": cost, "service": cost | {"median": 0.012}}, "resident_changed": 15.2e6, "peak": 17e6,
            "services": 10_000, "called": 5, "routes": 100, "resident_ready": 12e6, "resident": 15e6, "anonymous": 9e6,
            "ready_seconds": {"median": 0.31, "largest": 0.4, "starts": 10}, "slice_watches": 5,
            "first_request_seconds": {"median": 0.004, "largest": 0.009}}}
        text = report.write(measured)
        self.assertIn("| Sidecar ready after its start, 10,000 Services | 310 ms | <= 300 ms | **missed** |", text)
        self.assertIn("| Resident memory of a sidecar that calls 5 of 10,000 Services | 15.0 MB | <= 16 MB | met |", text)
        self.assertIn("| the same, largest of 10 | 400 |", text)
        self.assertIn("| The same at most, from its start through changes | 17.0 MB | <= 16 MB | **missed** |", text)
        self.assertIn("| CPU per change of one route, 10,000 Services | 4.0 ms | <= 10 ms | met |", text)
        self.assertIn("| CPU ms for a change of a Service, median of 5 | 12.0 |", text)
        self.assertIn("| resident MB at most since the start | 17.0 |", text)

    def test_a_change_has_its_limit_and_its_table(self):
        seconds = {"p50_seconds": 0.09, "p99_seconds": 0.17, "worst_seconds": 1.9}
        way = {"answer": seconds, "last_watcher": seconds}
        measured = results() | {"propagation": {"sizes": {"services": 5, "watchers": 1_000, "changes": 250},
                                                "fan_out": way, "direct": way}}
        text = report.write(measured)
        self.assertIn("| Route changed at the API server, new answer, p99 | 170 ms | <= 1000 ms | met |", text)
        self.assertIn("| first new answer, sidecar and watchers at the fan-out | 90 | 170 | 1,900 |", text)

    def test_a_mark_in_two_pieces_is_found(self):
        ends = socket.socketpair()
        stream = streams.Stream.__new__(streams.Stream)
        stream.socket, stream.tail, stream.received = ends[0], b"", 0
        ends[0].setblocking(False)
        found = []
        for piece in (b"...ma", b"rk..."):
            ends[1].sendall(piece)
            found.append(stream.read(b"mark"))
        self.assertEqual(found, [False, True])
        for end in ends:
            end.close()

    def test_the_plot_is_well_formed_and_shows_every_proxy(self):
        drawn = xml.dom.minidom.parseString(plot.draw(results()))
        labels = [node.firstChild.data for node in drawn.getElementsByTagName("text")]
        self.assertIn("C floor", labels)
        self.assertEqual(labels.count("Weir"), 2)


if __name__ == "__main__":
    unittest.main()
