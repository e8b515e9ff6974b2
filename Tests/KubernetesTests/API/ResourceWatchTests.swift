import APIServer
import GatewayAPI
import Reactor
import Testing

@testable import Kubernetes

/// Watches over real connections, against the API server of the tests and what it does wrong.
@Suite struct ResourceWatchTests {
    private let server: APIServer
    private let test: LoopTest
    private let client: APIClient
    private let mirror = Mirror()
    private static let routes = "httproutes.gateway.networking.k8s.io"

    /// What a watch has told, as an owner keeps it.
    private final class Mirror {
        var objects: [ObjectKey: Node] = [:]
        var changes = 0
        var removals = 0
        var synced = 0
        var absent = 0
        var troubles: [String] = []

        func take(_ event: WatchEvent) {
            switch event {
            case .changed(let node):
                changes += 1
                if let key = node.objectKey { objects[key] = node }
            case .removed(let key):
                removals += 1
                objects[key] = nil
            case .synced: synced += 1
            case .absent:
                absent += 1
                objects = [:]
            case .interrupted(let reason, _): troubles.append(reason)
            }
        }
    }

    init() throws {
        server = try APIServer()
        test = try LoopTest()
        client = try test.client(server)
    }

    private func watch(_ kind: ResourceKind, _ scope: WatchScope = WatchScope()) -> ResourceWatch {
        let mirror = mirror
        let watch = ResourceWatch(transport: client, loop: test.loop, kind: kind.api, scope: scope, seed: 1) {
            mirror.take($0)
        }
        watch.start()
        return watch
    }

    private func service(_ name: String, namespace: String = "ana", port: Int64 = 80) -> Node {
        .mapping([
            "apiVersion": "v1", "kind": "Service",
            "metadata": .mapping(["name": .string(name), "namespace": .string(namespace)]),
            "spec": .mapping(["ports": [.mapping(["port": .integer(port)])]]),
        ])
    }

    private func key(_ name: String) -> ObjectKey { ObjectKey(namespace: "ana", name: name) }

    private func port(_ name: String) -> Int64? {
        mirror.objects[key(name)]?["spec"]?["ports"]?.elements.first?["port"]?.integerValue
    }

    private func run(_ condition: () -> Bool) -> Bool { test.run(until: condition) }

    /// Every object that the server has is mirrored as it is, and no other.
    private func isMirrored(_ resource: String) -> Bool {
        let served = server.list(resource)
        return served.count == mirror.objects.count
            && served.allSatisfy { node in
                node.objectKey.flatMap { mirror.objects[$0] }.map { $0.resourceVersion == node.resourceVersion }
                    ?? false
            }
    }

    @Test func objectsAreListedInPagesAndThenWatched() throws {
        defer { server.stop() }
        for number in 0..<1201 { try server.put(service("s\(number)")) }
        let watch = watch(.service)
        #expect(run { mirror.synced == 1 })
        #expect(mirror.changes == 1201 && watch.objectCount == 1201)
        #expect(server.requests.count { $0.line.contains("limit=500") } == 3)
        #expect(mirror.objects[key("s7")]?["kind"] == "Service" && mirror.objects[key("s7")]?["apiVersion"] == "v1")
        try server.put(service("new", port: 81))
        #expect(run { port("new") == 81 })
        try server.put(service("new", port: 82))
        #expect(run { port("new") == 82 })
        server.delete("services", key("new"))
        #expect(run { mirror.removals == 1 })
        #expect(isMirrored("services") && mirror.troubles == [])
    }

    @Test func aScopeIsAskedForAsItIs() throws {
        defer { server.stop() }
        for name in ["a", "b"] {
            try server.put(service(name))
            try server.put(service(name, namespace: "ian"))
        }
        let watch = watch(.service, WatchScope(namespace: "ana", fieldSelector: "metadata.name=b"))
        #expect(run { watch.isSynced })
        #expect(mirror.objects.keys.map(\.description) == ["ana/b"])
    }

    @Test(arguments: [false, true])
    func aBrokenConnectionLosesNothing(inMidEvent: Bool) throws {
        defer { server.stop() }
        let watch = watch(.service)
        #expect(run { server.watchCount(of: "services") == 1 })
        server.cutWatches(of: "services", inNextEvent: inMidEvent)
        try server.put(service("a"))
        #expect(run { port("a") == 80 })
        #expect(mirror.synced == 1 && mirror.troubles == [])
        watch.stop()
    }

    @Test func aServerThatIsGoneIsWaitedFor() throws {
        defer { server.stop() }
        try server.put(service("a"))
        try server.put(service("b"))
        let watch = watch(.service)
        #expect(run { server.watchCount(of: "services") == 1 })
        try server.goDown()
        #expect(run { mirror.troubles.count == 1 })
        #expect(watch.isInterrupted && mirror.objects.count == 2)
        server.delete("services", key("b"))
        try server.put(service("c"))
        try server.comeUp(forgetsHistory: true)
        #expect(run { port("c") == 80 && mirror.objects[key("b")] == nil })
        #expect(run { !watch.isInterrupted })
        #expect(isMirrored("services"))
        // What was known already is not told again.
        #expect(mirror.changes == 3 && mirror.removals == 1)
    }

    @Test func stormsOfExpiryAreSurvived() throws {
        defer { server.stop() }
        let watch = watch(.service)
        #expect(run { server.watchCount(of: "services") == 1 })
        for round in 0..<5 {
            try server.put(service("s\(round)"))
            server.expireWatches(of: "services")
            #expect(run { isMirrored("services") && server.watchCount(of: "services") == 1 })
        }
        #expect(mirror.objects.count == 5 && mirror.troubles == [])
        watch.stop()
    }

    @Test func repeatedAndReorderedEventsChangeNothing() throws {
        defer { server.stop() }
        let watch = watch(.service)
        #expect(run { server.watchCount(of: "services") == 1 })
        server.repeatEvents(of: "services", count: 2)
        try server.put(service("a", port: 1))
        #expect(run { port("a") == 1 })
        server.swapEvents(of: "services")
        try server.put(service("a", port: 2))
        try server.put(service("a", port: 3))
        try server.put(service("last"))
        #expect(run { port("last") == 80 })
        #expect(port("a") == 3 && isMirrored("services"))
        watch.stop()
    }

    @Test func aKindThatGoesAwayIsAbsent() throws {
        defer { server.stop() }
        let watch = watch(.httpRoute)
        #expect(run { server.watchCount(of: Self.routes) == 1 })
        server.serve(Self.routes, versions: [])
        #expect(run { mirror.absent == 1 })
        #expect(watch.isAbsent && mirror.troubles == [])
    }

    @Test func anOlderServedVersionIsTaken() throws {
        defer { server.stop() }
        server.serve(Self.routes, versions: ["v1beta1"])
        let watch = watch(.httpRoute)
        #expect(run { watch.isSynced && server.watchCount(of: Self.routes) == 1 })
        #expect(server.requests.contains { $0.line.contains("/v1beta1/httproutes?watch=true") })
    }

    @Test func aRefusalIsToldAndTriedAgain() throws {
        defer { server.stop() }
        try server.put(service("a"))
        let fault = server.inject(.failure(403, reason: "Forbidden", on: "/services", count: nil))
        let watch = watch(.service)
        #expect(run { mirror.troubles.count == 1 })
        #expect(mirror.troubles.first?.contains("list of services in the core API group is forbidden") == true)
        server.remove(fault: fault)
        #expect(run { watch.isSynced })
        #expect(mirror.troubles.count == 1 && mirror.objects.count == 1)
    }

    @Test func nonsenseIsNoList() throws {
        defer { server.stop() }
        try server.put(service("a"))
        for text in ["<html>", "{}", #"{"items":[{"metadata":{"name":"x"}}"#] {
            server.inject(Fault(.body(Array(text.utf8)), on: "/services?"))
        }
        let watch = watch(.service)
        #expect(run { watch.isSynced })
        #expect(mirror.troubles.count == 1)
        #expect(isMirrored("services"))
    }

    @Test(arguments: [
        (#"{"metadata":{"resourceVersion":""},"items":[]}"#, "a list without a resourceVersion"),
        (#"{"items":[]}"#, "a list without a resourceVersion"),
        (
            #"{"metadata":{"resourceVersion":"5"},"it\u0065ms":[{"metadata":{"name":"x"}}]}"#,
            "a list that writes its key \"items\" with escapes"
        ),
    ])
    func itIsSaidWhatAListLacks(text: String, reason: String) throws {
        defer { server.stop() }
        server.inject(Fault(.body(Array(text.utf8)), on: "/services?"))
        let watch = watch(.service)
        #expect(run { watch.isSynced })
        #expect(mirror.troubles.count == 1 && mirror.troubles.first?.contains(reason) == true, "\(mirror.troubles)")
    }

    @Test func anEventThatIsNonsenseMeansANewList() throws {
        defer { server.stop() }
        server.inject(Fault(.body(Array("{\"type\":\n".utf8)), on: "watch=true"))
        let watch = watch(.service)
        #expect(run { mirror.troubles.count == 1 && mirror.synced >= 2 })
        try server.put(service("a"))
        #expect(run { port("a") == 80 })
        watch.stop()
    }

    @Test func aStoppedWatchTellsNothing() throws {
        defer { server.stop() }
        let watch = watch(.service)
        #expect(run { server.watchCount(of: "services") == 1 })
        watch.stop()
        try server.put(service("a"))
        #expect(run { server.watchCount(of: "services") == 0 })
        #expect(mirror.changes == 0)
    }
}
