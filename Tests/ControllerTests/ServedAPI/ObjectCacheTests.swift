import GatewayAPI
import Kubernetes
import Testing

@testable import Controller

@Suite struct ObjectCacheTests {
    private let cache = ObjectCache(seconds: 1_700_000_000, tag: 3, maximumEvents: 4)

    private func json(_ name: String) throws -> Node {
        let object = try #require(cache.object(.service, ObjectKey(namespace: "shop", name: name)))
        return try JSONReader.node(object.bytes)
    }

    @Test func whatNoProxyReadsIsNotServed() throws {
        var service = Node.service("web", labels: ["app": "web"])
        service.set("status", .mapping(["loadBalancer": .mapping([:])]))
        service.update("metadata") { metadata in
            metadata.set("uid", "1-2-3")
            metadata.set("resourceVersion", "99")
            metadata.set("managedFields", [.mapping(["manager": "kubectl"])])
            metadata.set("ownerReferences", [.mapping(["name": "x"])])
            metadata.set("finalizers", ["y"])
            metadata.set("creationTimestamp", "2024-05-01T10:00:00Z")
            metadata.set(
                "annotations",
                .strings([
                    "kubectl.kubernetes.io/last-applied-configuration": "{}", "weir.dev/route-enforcement": "mesh",
                    "delegation.kgateway.dev/inherit-parent-matcher": "true", "other/x": "y",
                ]))
        }
        cache.put(.service, service)
        let served = try json("web")
        #expect(served.members.map(\.key) == ["kind", "apiVersion", "metadata", "spec"])
        #expect(
            Set(served["metadata"]?.members.map(\.key) ?? [])
                == ["resourceVersion", "name", "namespace", "uid", "creationTimestamp", "labels", "annotations"])
        #expect(
            served["metadata"]?["annotations"]?.members.map(\.key)
                == ["delegation.kgateway.dev/inherit-parent-matcher", "weir.dev/route-enforcement"])
        #expect(served["metadata"]?["resourceVersion"]?.stringValue == String(cache.version))
    }

    @Test func everyKindIsServedInItsBestVersion() throws {
        var grant: Node = .mapping(["apiVersion": "gateway.networking.k8s.io/v1beta1", "kind": "ReferenceGrant"])
        grant.set("metadata", .mapping(["name": "g", "namespace": "a"]))
        cache.put(.referenceGrant, grant)
        let object = try #require(cache.object(.referenceGrant, ObjectKey(namespace: "a", name: "g")))
        let served = try JSONReader.node(object.bytes)
        #expect(served["apiVersion"]?.stringValue == "gateway.networking.k8s.io/v1")
    }

    @Test func secretsAreNeverServed() {
        #expect(!ServedKind.all.contains { $0.kind == .secret })
        let secret: Node = .mapping([
            "apiVersion": "v1", "kind": "Secret", "metadata": .mapping(["name": "s", "namespace": "a"]),
        ])
        cache.put(.secret, secret)
        #expect(cache.objectCount == 0 && cache.state(.secret) == .absent)
    }

    @Test func anObjectThatDiffersInNothingServedMakesNoEvent() {
        var events = 0
        cache.setReady(.service)
        cache.onEvent = { _, _ in events += 1 }
        var service = Node.service("web")
        cache.put(.service, service)
        service.set("status", .mapping(["x": "y"]))
        service.update("metadata") { $0.set("resourceVersion", "5") }
        cache.put(.service, service)
        #expect(events == 1)
        cache.put(.service, .service("web", port: 81))
        #expect(events == 2)
    }

    @Test func versionsGrowAndAreKnownForTheirOwn() {
        let first = cache.version
        cache.put(.service, .service("a"))
        let second = cache.version
        cache.remove(.service, ObjectKey(namespace: "shop", name: "a"))
        #expect(first < second && second < cache.version)
        #expect(String(cache.version).count == ServedVersion.digits && cache.version < 1 << 62)
        #expect(cache.isOwn(first) && cache.isOwn(second) && !cache.isOwn(cache.version + 1 << 20))
        // Another replica that began in the same second, and the next process.
        #expect(!ObjectCache(seconds: 1_700_000_000, tag: 4, maximumEvents: 4).isOwn(first))
        #expect(!ObjectCache(seconds: 1_700_000_100, tag: 3, maximumEvents: 4).isOwn(first))
    }

    @Test func versionsHaveTheirDigitsWhateverTheClockSays() {
        for seconds: UInt64 in [0, 1, 1_577_836_800, 4_000_000_000, .max] {
            var version = ServedVersion(seconds: seconds, tag: .max)
            #expect(String(version.next()).count == ServedVersion.digits)
        }
    }

    @Test func objectsAreInOrderHoweverTheyCame() {
        for name in ["m", "a", "z", "k"] { cache.put(.service, .service(name)) }
        cache.put(.service, .service("x", in: "other"))
        cache.put(.service, .service("x", in: "shop-2"))
        cache.put(.service, .service("x", in: "shop0"))
        #expect(
            cache.objects(.service, in: nil).map(\.key.description) == [
                "other/x", "shop-2/x", "shop/a", "shop/k", "shop/m", "shop/z", "shop0/x",
            ])
        #expect(cache.objects(.service, in: "shop").map(\.key.name) == ["a", "k", "m", "z"])
        #expect(cache.objects(.service, in: "none").isEmpty)
    }

    @Test func theHistoryIsBoundedAndSaysWhereItBegins() {
        cache.setReady(.service)
        let start = cache.version
        for port in 1...4 { cache.put(.service, .service("a", port: Int64(port))) }
        #expect(cache.events(.service, after: start)?.count == 4)
        let middle = cache.version
        cache.put(.service, .service("a", port: 5))
        #expect(cache.events(.service, after: start) == nil)
        #expect(cache.events(.service, after: middle)?.count == 1)
        #expect(cache.events(.service, after: cache.version)?.isEmpty == true)
    }

    @Test func aLongHistoryKeepsItsPlace() {
        var history = EventHistory(floor: 10, maximumEvents: 300)
        for version in 11...2000 { history.append(ObjectEvent(version: UInt64(version))) }
        #expect(history.floor == 1700 && history.events(after: 1699) == nil)
        #expect(history.events(after: 1700)?.map(\.version) == (1701...2000).map(UInt64.init))
        #expect(history.events(after: 1990)?.count == 10)
    }

    @Test func beforeEverythingIsReadNothingIsHistory() {
        let start = cache.version
        cache.put(.service, .service("a"))
        cache.setReady(.service)
        #expect(cache.events(.service, after: start) == nil)
        #expect(cache.events(.service, after: cache.version)?.isEmpty == true)
    }

    @Test func watchesFillIt() {
        cache.observe(.service, .changed(.service("a")))
        cache.observe(.service, .synced)
        cache.observe(.service, .interrupted(reason: "x"))
        #expect(cache.state(.service) == .ready && cache.objectCount == 1)
        cache.observe(.service, .removed(ObjectKey(namespace: "shop", name: "a")))
        #expect(cache.objectCount == 0)
        cache.observe(.service, .changed(.service("b")))
        cache.observe(.service, .absent)
        #expect(cache.state(.service) == .absent && cache.objectCount == 0)
    }
}
