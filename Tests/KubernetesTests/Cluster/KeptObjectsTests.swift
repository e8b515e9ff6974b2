import GatewayAPI
import Testing

@testable import Kubernetes

/// A proxy keeps no more of other namespaces' objects than it has room for; what has none is their newest, and closed.
@Suite struct KeptObjectsTests {
    private static let pod = ObjectKey(namespace: "ana", name: "pod-1")

    private func id(_ name: String, _ namespace: String) -> ResourceID {
        ResourceID(kind: .httpRoute, key: ObjectKey(namespace: namespace, name: name))
    }

    /// A route of some 300 KB to a Service of its namespace.
    private func route(_ name: String, _ namespace: String, created: Int, service: String = "s") -> Node {
        let conditions = (0..<16).map { condition -> Node in
            .mapping(["name": .string("x-\(condition)"), "value": .string(String(repeating: "v", count: 1_000))])
        }
        let rules = (0..<16).map { rule -> Node in
            .mapping([
                "matches": .sequence([
                    .mapping([
                        "path": .mapping(["type": "PathPrefix", "value": .string("/\(rule)")]),
                        "headers": .sequence(conditions),
                    ])
                ])
            ])
        }
        let date = "2026-01-01T00:00:\(created < 10 ? "0" : "")\(created)Z"
        return .mapping([
            "apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute",
            "metadata": .mapping([
                "name": .string(name), "namespace": .string(namespace), "creationTimestamp": .string(date),
            ]),
            "spec": .mapping([
                "parentRefs": .sequence([.mapping(["group": "", "kind": "Service", "name": .string(service)])]),
                "rules": .sequence(rules),
            ]),
        ])
    }

    private func kept(_ store: ResourceStore, _ namespace: String) -> [String] {
        store.resources.httpRoutes.keys.filter { $0.namespace == namespace }.map(\.name).sorted()
    }

    @Test func theNewestOfANamespaceAreClosedAndOthersAreKept() throws {
        var store = ResourceStore(.sidecar(pod: Self.pod))
        for number in 0..<40 {
            store.put(route("r\(10 + number)", "hostile", created: number), as: .httpRoute)
        }
        store.put(route("new", "team", created: 59), as: .httpRoute)
        for number in 0..<40 { store.put(route("own\(10 + number)", "ana", created: number), as: .httpRoute) }
        _ = store.takeChange()
        let names = kept(store, "hostile")
        #expect(names.count >= 15 && names.count <= 25 && names == (0..<names.count).map { "r\(10 + $0)" })
        #expect(kept(store, "team") == ["new"])
        #expect(kept(store, "ana").count == 40, "what is the pod's own is not others'")
        let closed = try #require(store.resources.unservedRoutes[id("r49", "hostile")])
        #expect(closed.parentRefs.map(\.name) == ["s"] && closed.reason.contains("hostile"))
        #expect(store.problems.contains { $0.id == .budget && $0.object == "HTTPRoute hostile/r49" })
    }

    @Test func manyNamespacesShareTheRoomAndTheSmallOneHasItsPart() {
        var store = ResourceStore(.sidecar(pod: Self.pod))
        for number in 0..<20 {
            for namespace in 0..<5 {
                store.put(route("r\(10 + number)", "hostile-\(namespace)", created: number), as: .httpRoute)
            }
        }
        store.put(route("new", "team", created: 59), as: .httpRoute)
        _ = store.takeChange()
        #expect(kept(store, "team") == ["new"])
        let counts = (0..<5).map { kept(store, "hostile-\($0)").count }
        #expect(Set(counts).count == 1 && (counts.first ?? 0) > 4, "\(counts)")
    }

    @Test func soManyThatTheyAreNotTakenOneByOneCloseTheirNamespace() {
        var store = ResourceStore(.sidecar(pod: Self.pod))
        for number in 0..<20 { store.put(route("big\(10 + number)", "hostile", created: 0), as: .httpRoute) }
        for number in 0..<180 {
            store.put(route("r\(100 + number)", "hostile", created: 1, service: "s\(number)"), as: .httpRoute)
        }
        _ = store.takeChange()
        let everything = ResourceID(kind: .httpRoute, key: KeptObjects.everything("hostile"))
        #expect(store.resources.unservedRoutes[everything]?.parentRefs.first?.name == "")
        #expect(store.resources.unservedRoutes.count <= 110, "what stands in for them is bounded, too")
    }

    @Test func whatHasRoomAgainIsReadAgain() {
        var store = ResourceStore(.sidecar(pod: Self.pod))
        for number in 0..<40 {
            store.put(route("r\(10 + number)", "hostile", created: number), as: .httpRoute)
        }
        _ = store.takeChange()
        #expect(store.regained.isEmpty)
        for number in 0..<30 { store.remove(id("r\(10 + number)", "hostile")) }
        _ = store.takeChange()
        #expect(store.takeRegained() == [.httpRoute])
        for number in 30..<40 { store.put(route("r\(10 + number)", "hostile", created: number), as: .httpRoute) }
        _ = store.takeChange()
        #expect(kept(store, "hostile").count == 10)
        #expect(store.resources.unservedRoutes.isEmpty && store.problems.isEmpty)
    }

    @Test func longValuesOfAnnotationsAreNotKept() {
        var store = ResourceStore(.sidecar(pod: Self.pod))
        var service = ClusterObjects.service("a")
        service.update("metadata") {
            $0.set(
                "annotations",
                .mapping(["weir.dev/route-enforcement": .string(String(repeating: "x", count: 200_000))]))
        }
        store.put(service, as: .service)
        let value = store.resources.services.values.first?.metadata.annotations["weir.dev/route-enforcement"]
        #expect(value?.utf8.count == ClusterLimits.annotationBytes)
    }
}
