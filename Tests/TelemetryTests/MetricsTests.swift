import Testing

@testable import Telemetry

/// The exposition as text.
func text(_ metrics: Metrics, now: UInt64 = 0) -> String {
    String(decoding: metrics.render(now: now), as: UTF8.self)
}

extension MetricsShard {
    /// A request of no particular interest.
    func record(
        door: Door = .outbound, route: Int32 = 0, backend: Int32 = 0, status: Int = 200, flag: ResponseFlag = .none,
        nanoseconds: UInt64 = 1_000_000
    ) {
        recordRequest(
            door: door, route: route, backend: backend, status: status, flag: flag, durationNanoseconds: nanoseconds,
            requestBytes: 10, responseBytes: 100)
    }
}

@Suite struct MetricsTests {
    @Test func requestsAreSummedOverShards() {
        let metrics = Metrics()
        let route = metrics.names.intern(route: "shop/cart")
        let backend = metrics.names.intern(backend: "shop/cart:80")
        let shards = [metrics.makeShard(), metrics.makeShard()]
        for shard in shards { shard.record(route: route, backend: backend) }
        shards[1].record(route: route, backend: backend, status: 503, flag: .noEndpoint)
        let page = text(metrics)
        let labels = #"door="outbound",route="shop/cart",backend="shop/cart:80""#
        #expect(page.contains("weir_requests_total{\(labels),class=\"2xx\",flag=\"none\",code=\"200\"} 2\n"))
        #expect(page.contains("weir_requests_total{\(labels),class=\"5xx\",flag=\"no_endpoint\",code=\"503\"} 1\n"))
        #expect(page.contains("weir_request_duration_seconds_count{\(labels)} 3\n"))
        #expect(page.contains("weir_request_bytes_total{\(labels)} 30\n"))
        #expect(page.contains("weir_response_bytes_total{\(labels)} 300\n"))
    }

    @Test func countersAndGaugesAreSummedOverShards() {
        let metrics = Metrics(rejectionNames: ["bad_host"])
        let shards = [metrics.makeShard(), metrics.makeShard()]
        shards[0].add(.connectionsActive, .inbound, 3)
        shards[0].subtract(.connectionsActive, .inbound)
        shards[1].add(.connectionsActive, .inbound)
        shards[0].add(.rePicks)
        shards[1].add(.rePicks, 4)
        shards[1].reject(kind: 0)
        shards[1].reject(kind: 255)
        let page = text(metrics)
        #expect(page.contains("weir_connections_active{door=\"inbound\"} 3\n"))
        #expect(page.contains("weir_connections_active{door=\"outbound\"} 0\n"))
        #expect(page.contains("weir_repicks_total 5\n"))
        #expect(page.contains("weir_rejected_requests_total{reason=\"bad_host\"} 1\n"))
    }

    @Test func aGaugeNeverShowsBelowZero() {
        let metrics = Metrics()
        metrics.makeShard().subtract(.upstreamConnectionsIdle)
        #expect(text(metrics).contains("weir_upstream_connections_idle 0\n"))
    }

    @Test func labelValuesAreEscaped() {
        let metrics = Metrics(version: "1\\2\"3\n4")
        #expect(text(metrics).contains(#"weir_build_info{version="1\\2\"3\n4"} 1"# + "\n"))
    }

    @Test func everyMetricIsDescribedOnceBeforeItsSamples() {
        let metrics = Metrics(rejectionNames: ["a"])
        metrics.update { $0.snapshotNanoseconds = 1 }
        metrics.makeShard().record()
        var described: Set<Substring> = []
        for line in text(metrics, now: 2_000_000_001).split(separator: "\n") {
            let words = line.split(separator: " ")
            if line.hasPrefix("# TYPE") {
                #expect(described.insert(words[2]).inserted)
                #expect(["counter", "gauge", "histogram"].contains(words[3]))
            } else if !line.hasPrefix("#") {
                let name = words[0].prefix { $0 != "{" }
                let family = name.hasPrefix("weir_request_duration") ? "weir_request_duration_seconds" : name
                #expect(described.contains(family))
                #expect(words.last.flatMap { Double($0) } != nil)
            }
        }
        #expect(described.count > 30)
    }

    @Test func snapshotAgeIsTheTimeSinceTheSourceConfirmedIt() {
        let metrics = Metrics()
        #expect(!text(metrics).contains("weir_snapshot_age_seconds "))
        metrics.update { $0.snapshotNanoseconds = 5_000_000_000 }
        #expect(text(metrics, now: 7_500_000_000).contains("weir_snapshot_age_seconds 2.5\n"))
        #expect(text(metrics, now: 1).contains("weir_snapshot_age_seconds 0.0\n"))
    }

    @Test func reloadsAreCountedByPartAndTheLastHasATime() {
        let metrics = Metrics()
        #expect(!text(metrics).contains("weir_snapshot_timestamp_seconds "))
        metrics.update {
            ($0.routeReloads, $0.endpointReloads, $0.snapshotWallMilliseconds) = (3, 9, 1_769_903_999_500)
            $0.connectionLimit = 128
        }
        let page = text(metrics)
        #expect(page.contains("weir_reloads_total{part=\"routes\"} 3\n"))
        #expect(page.contains("weir_reloads_total{part=\"endpoints\"} 9\n"))
        #expect(page.contains("weir_snapshot_timestamp_seconds 1769903999.5\n"))
        #expect(page.contains("weir_connections_limit 128\n"))
    }

    @Test func theProcessIsDescribedAsPrometheusLibrariesDescribeIt() {
        let page = text(Metrics())
        for name in ["cpu_seconds_total", "resident_memory_bytes", "open_fds", "max_fds", "start_time_seconds"] {
            #expect(page.contains("\nprocess_\(name) "))
        }
    }

    @Test(
        arguments: [
            (0, "0.0005"), (500_000, "0.0005"), (500_001, "0.001"), (10_000_000_000, "10"), (60_000_000_000, "60"),
            (60_000_000_001, "+Inf"),
        ] as [(UInt64, String)])
    func aDurationFallsIntoTheFirstBucketThatHoldsIt(nanoseconds: UInt64, bound: String) {
        let metrics = Metrics()
        metrics.makeShard().record(nanoseconds: nanoseconds)
        let buckets = text(metrics).split(separator: "\n").filter { $0.hasPrefix("weir_request_duration_seconds_b") }
        #expect(buckets.count == DurationWord.bucketCount)
        let first = buckets.first { $0.hasSuffix(" 1") }
        #expect(first?.contains("le=\"\(bound)\"") == true)
        #expect(buckets.drop { $0.hasSuffix(" 0") }.allSatisfy { $0.hasSuffix(" 1") })
    }

    @Test func bucketLabelsAreTheBoundsInSeconds() {
        #expect(DurationBuckets.labels.count == DurationBuckets.bounds.count)
        #expect(DurationBuckets.bounds.count + 1 == DurationWord.bucketCount)
        for (label, bound) in zip(DurationBuckets.labels, DurationBuckets.bounds) {
            #expect(Double(label.description).map { UInt64(($0 * 1e9).rounded()) } == bound)
        }
    }

    @Test func codesThatAreNotRegisteredAreCountedTogether() {
        let metrics = Metrics()
        let shard = metrics.makeShard()
        for status in [0, 299, 418, 499, 599, 999, 226, 511] { shard.record(status: status) }
        let page = text(metrics)
        let codes = page.split(separator: "\n").filter { $0.hasPrefix("weir_requests_total") }
        #expect(codes.filter { $0.contains("code=\"other\"") }.count == 4)
        #expect(page.contains("class=\"4xx\",flag=\"none\",code=\"other\"} 1\n"))
        #expect(page.contains("code=\"226\"} 1\n") && page.contains("code=\"511\"} 1\n"))
    }

    @Test(arguments: 0...600)
    func aCodeKeepsItsLabelInAKey(status: Int) {
        let key = SeriesKey(
            door: .gateway, route: 0xF_FFFF, backend: 0xF_FFFF, status: .serverError, flag: .internalError,
            code: StatusCode(status: status))
        #expect(key.code.label == String(status) || key.code == .other)
        #expect(key.door == .gateway && key.route == 0xF_FFFF && key.backend == 0xF_FFFF)
        #expect(key.status == .serverError && key.flag == .internalError)
        #expect(key.overflow.code == .other && key.overflow.flag == .internalError)
    }

    @Test func responseFlagsHaveDistinctStableNames() {
        #expect(Set(ResponseFlag.allCases.map(\.label.description)).count == ResponseFlag.allCases.count)
    }
}

@Suite struct MetricNamesTests {
    @Test func aNameKeepsItsNumber() {
        let names = MetricNames()
        let first = names.intern(route: "a/b")
        #expect(names.intern(route: "a/c") != first)
        #expect(names.intern(route: "a/b") == first)
        #expect(first != MetricNames.none && first != MetricNames.other)
    }

    @Test func namesBeyondTheLimitAreOther() {
        let names = MetricNames(limit: 1)
        let known = names.intern(backend: "a/b:1")
        #expect(names.intern(backend: "a/b:2") == MetricNames.other)
        #expect(names.intern(backend: "a/b:1") == known)
        #expect(names.intern(route: "a/b") != MetricNames.other)
    }

    @Test func longNamesAreCut() {
        let names = MetricNames()
        _ = names.intern(route: String(repeating: "x", count: 100_000))
        #expect(names.names().routes.last?.utf8.count == TelemetryLimits.labelBytes)
    }

    @Test func oneNamespaceLeavesTheOthersRoom() {
        let names = MetricNames(limit: 100)
        let many = (0..<200).map { names.intern(route: "many/r\($0)") }
        #expect(many.count { $0 != MetricNames.other } == 50)
        #expect(names.intern(route: "few/r") != MetricNames.other)
    }

    @Test func whatNobodyHoldsIsGivenBackAndCountsUnderOther() {
        let metrics = Metrics(names: MetricNames(limit: 4))
        let shard = metrics.makeShard()
        func count(_ route: Int32) {
            shard.recordRequest(
                door: .gateway, route: route, backend: MetricNames.none, status: 200, flag: .none,
                durationNanoseconds: 1, requestBytes: 0, responseBytes: 0)
        }
        func counted(_ route: String) -> [String] {
            String(decoding: metrics.render(now: 0), as: UTF8.self).split(separator: "\n").filter {
                $0.hasPrefix("weir_requests_total{") && $0.contains("route=\"\(route)\"")
            }.map { String($0.split(separator: " ")[1]) }
        }
        let kept = metrics.names.intern(route: "a/kept")
        let gone = metrics.names.intern(route: "b/gone")
        count(kept)
        count(gone)
        count(gone)
        metrics.names.release(routes: [gone], backends: [])
        // It may come back as long as nobody needs the room.
        #expect(counted("b/gone") == ["2"])
        metrics.reclaimNames()
        #expect(counted("b/gone").isEmpty && counted("other") == ["2"] && counted("a/kept") == ["1"])
        let new = metrics.names.intern(route: "c/new")
        #expect(new == gone)
        #expect(counted("c/new").isEmpty)
        count(new)
        #expect(counted("c/new") == ["1"] && counted("other") == ["2"])
        metrics.names.release(routes: [new], backends: [])
        metrics.reclaimNames()
        #expect(counted("other") == ["3"])
        #expect(metrics.names.intern(route: "a/kept") == kept)
    }
}
