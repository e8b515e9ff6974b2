import ControlHTTP
import GatewayAPI
import Kubernetes
import Reactor
import Testing

@testable import Controller

/// The house's own client of API servers against the served API: what a proxy does with `--kubernetes-via`.
@Suite struct ServedAPIClientTests {
    private func names(_ events: [WatchEvent]) -> [String] {
        events.map { event in
            switch event {
            case .changed(let object): "changed \(object["metadata"]?["name"]?.stringValue ?? "")"
            case .removed(let key): "removed \(key.name)"
            case .synced: "synced"
            case .absent: "absent"
            case .interrupted: "interrupted"
            }
        }
    }

    @Test func aWatchOfTheHouseListsAndFollows() throws {
        let fixture = try ServedAPIFixture(maximumEvents: 10_000)
        for number in 0..<1200 { fixture.cache.put(.service, .service("s\(1000 + number)")) }
        let url = try #require(ServerURL("http://127.0.0.1:\(fixture.server.port)"))
        let client = APIClient(
            ClusterConfiguration(server: url, origin: "test"), loop: fixture.loop, userAgent: "test")
        var events: [WatchEvent] = []
        let watch = ResourceWatch(transport: client, loop: fixture.loop, kind: ResourceKind.service.api) {
            events.append($0)
        }
        watch.start()
        #expect(fixture.turn { names(events).last == "synced" })
        #expect(events.count == 1201 && names(events).first == "changed s1000")
        fixture.turn { fixture.api.counters.watchers == 1 }
        fixture.cache.put(.service, .service("s1000", port: 81))
        fixture.cache.remove(.service, ObjectKey(namespace: "shop", name: "s1001"))
        #expect(fixture.turn { events.count == 1203 })
        #expect(names(events).suffix(2) == ["changed s1000", "removed s1001"])
        watch.stop()
    }

    /// A Service in front of two controllers gives a connection to either, and each has versions of its own.
    @Test func aWatchFollowsWhicheverReplicaItComesTo() throws {
        let fixture = try ServedAPIFixture(maximumEvents: 10_000)
        let other = ObjectCache(seconds: 1_600_000_000, tag: 8, maximumEvents: 10_000)
        for kind in ServedKind.all { other.setReady(kind.kind) }
        let second = ServedAPI(
            cache: other, authenticator: AnonymousAuthenticator(), loop: fixture.loop, version: "test")
        var requests = 0
        var first: HTTPServerStream?
        let front = try HTTPServer(
            address: SocketAddress(high: 0, low: 0x7f00_0001, port: 0, isIPv6: false), loop: fixture.loop,
            limits: ServedAPILimits.server
        ) { request, stream in
            requests += 1
            if requests == 1 { first = stream }
            (requests == 1 ? fixture.api : second).handle(request, stream)
        }
        for cache in [fixture.cache, other] { for name in ["a", "b"] { cache.put(.service, .service(name)) } }

        let configuration = try ClusterConfiguration.served(
            at: "http://127.0.0.1:\(front.port)", authorities: nil, folder: "/nowhere")
        let client = APIClient(configuration, loop: fixture.loop, userAgent: "test")
        var events: [WatchEvent] = []
        let watch = ResourceWatch(transport: client, loop: fixture.loop, kind: ResourceKind.service.api) {
            events.append($0)
        }
        watch.start()
        #expect(fixture.turn { names(events) == ["changed a", "changed b", "synced"] })
        #expect(requests == 1, "list and watch come from one of them")

        // From now on the other one answers, where one Service has gone and another has come.
        other.remove(.service, ObjectKey(namespace: "shop", name: "a"))
        other.put(.service, .service("c"))
        first?.finish()
        #expect(fixture.turn { second.counters.watchers == 1 && names(events).last == "synced" && events.count > 3 })
        #expect(names(events).dropFirst(3) == ["changed b", "changed c", "removed a", "synced"])
        other.put(.service, .service("c", port: 81))
        #expect(fixture.turn { names(events).last == "changed c" })
        #expect(watch.objectCount == 2 && !watch.isInterrupted)
        #expect(requests == 3, "what it has of the one is of no use to the other, which it learns once")
        watch.stop()
    }

    @Test func aFolderFeedsTheCache() throws {
        let folder = try ScratchFolder()
        defer { folder.remove() }
        try folder.write("a.yaml", Self.service("one") + "---\n" + Self.service("two"))
        let fixture = try ServedAPIFixture(isReady: false)
        let feed = FolderFeed(path: folder.path, cache: fixture.cache)
        feed.start(on: fixture.loop)
        #expect(feed.isKnown && fixture.cache.isReady)
        #expect(try fixture.get("/api/v1/services").names == ["default/one", "default/two"])
        let watch = fixture.watch("/api/v1/services?watch=1")
        try folder.write("a.yaml", Self.service("one", port: 81))
        #expect(fixture.turn { watch.events.count == 4 })
        #expect(Set(watch.events.suffix(2)) == ["MODIFIED one", "DELETED two"])
        // What cannot be read keeps its last good form.
        try folder.write("a.yaml", "kind: [")
        #expect(fixture.turn { feed.problems.contains { $0.severity == .error } })
        #expect(try fixture.get("/api/v1/services").names == ["default/one"])
    }

    private static func service(_ name: String, port: Int = 80) -> String {
        """
        apiVersion: v1
        kind: Service
        metadata: {name: \(name)}
        spec: {clusterIP: 10.0.0.1, ports: [{port: \(port)}]}

        """
    }
}
