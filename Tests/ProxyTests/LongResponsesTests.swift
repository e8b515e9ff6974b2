import Balancing
import GatewayAPI
import Telemetry
import Testing

@testable import Proxy
@testable import Routing

/// Responses that last through many changes of the configuration.
@Suite struct LongResponsesTests {
    private static let request = "GET /app HTTP/1.1\r\nHost: a\r\n\r\n"

    /// A snapshot whose route marks its responses with its version.
    private func snapshot(_ plan: TestPlan, _ version: UInt64) -> Snapshot {
        var plan = TestPlan(endpoints: plan.endpoints, registry: plan.registry)
        plan.add(
            "/app", .forward([PlannedBackend(target: .backend(0), weight: 1)]),
            responseHeaders: [HeaderModifier(set: [HeaderModifier.Field(name: "x-version", value: "\(version)")])])
        return plan.gateway(version: version)
    }

    private struct Weak {
        weak var snapshot: Snapshot?
    }

    @Test func everyChangeIsTakenUpAndOldSnapshotsAreLetGoOf() throws {
        let server = try TestServer()
        let proxy = try TestProxy()
        let plan = TestPlan(endpoints: [server.port], registry: .init())
        var published: [Weak] = []
        var exchanges: [(client: Peer, endpoint: Peer)] = []
        let count = 200
        for version in 1...UInt64(count) {
            do {
                let snapshot = snapshot(plan, version)
                published.append(Weak(snapshot: snapshot))
                if version == 1 { try proxy.start(snapshot) } else { proxy.publish(snapshot) }
            }
            #expect(eventually { proxy.worker.control.adoptedVersion == version })
            let client = try proxy.client()
            try client.send(LongResponsesTests.request)
            let endpoint = try server.accept()
            _ = try endpoint.takeHead()
            exchanges.append((client, endpoint))
        }
        #expect(eventually { published.filter { $0.snapshot != nil }.count <= SnapshotSlots.limit })
        // Each has the routes that it began with, also those whose answer begins only now.
        for (position, exchange) in exchanges.enumerated() {
            try exchange.endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndo")
            let head = try exchange.client.takeHead()
            #expect(head.contains("x-version: \(position + 1)\r\n"), "\(position): \(head)")
        }
        for version in UInt64(count + 1)...UInt64(count + 10) {
            proxy.publish(snapshot(plan, version))
            #expect(eventually { proxy.worker.control.adoptedVersion == version })
        }
        for exchange in exchanges {
            try exchange.endpoint.send("ne")
            #expect(try exchange.client.take(4) == "done")
        }
        #expect(eventually { proxy.shard.value(.requestsActive, .gateway) == 0 })
        proxy.stop()
        #expect(proxy.worker.detached.isEmpty)
    }

    @Test func anEndpointThatDiesLaterIsReplacedByOneOfTheNewestConfiguration() throws {
        let first = try TestServer()
        let second = try TestServer()
        let proxy = try TestProxy()
        var plan = TestPlan(endpoints: [first.port], registry: .init())
        try proxy.start(snapshot(plan, 1))
        let client = try proxy.client()
        try client.send(LongResponsesTests.request)
        let endpoint = try first.accept()
        _ = try endpoint.takeHead()
        try endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        _ = try client.takeHead()
        // On a connection that has served before, so that the request may be repeated.
        try client.send(LongResponsesTests.request)
        _ = try endpoint.takeHead()
        plan.endpoints = [second.port]
        var held: [(Peer, Peer)] = []
        for version in 2...UInt64(SnapshotSlots.limit + 4) {
            proxy.publish(snapshot(plan, version))
            #expect(eventually { proxy.worker.control.adoptedVersion == version })
            let other = try proxy.client()
            try other.send(LongResponsesTests.request)
            held.append((other, try second.accept()))
        }
        endpoint.reset()
        let other = try second.accept()
        #expect(try other.takeHead().hasPrefix("GET /app"))
        try other.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        #expect(try client.takeHead().contains("x-version: 1\r\n"))
    }
}

@Suite struct PublicationHistoryTests {
    @Test func theAgeIsThatOfTheOldestThatIsServed() {
        var history = PublicationHistory()
        history.published(1, at: 100)
        history.published(2, at: 200)
        history.published(2, at: 300)
        #expect(history.entry(served: 1)?.at == 100 && history.entry(served: 2)?.at == 200)
        history.served(since: 2)
        #expect(history.entries == [.init(version: 2, at: 200)])
        #expect(history.entry(served: 0) == nil)
    }

    @Test func aWorkerIsBehindWhenALaterSnapshotHasWaitedForLong() {
        var history = PublicationHistory()
        history.published(1, at: 0)
        history.published(2, at: 100)
        #expect(!history.isBehind(1, now: 100) && !history.isBehind(2, now: .max))
        #expect(history.isBehind(1, now: 100 + PublicationHistory.patience))
        #expect(history.isBehind(0, now: 100 + PublicationHistory.patience))
    }
}
