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
