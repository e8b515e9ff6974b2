import APIServer
import GatewayAPI
import Kubernetes
import Testing

@testable import Controller

/// Who may read what proxies read: whoever runs one, and nobody else.
@Suite struct ProxySubjectsTests {
    private static let cluster =
        GatewayManifests.gatewayClass() + GatewayManifests.gateway("web", in: "ana")
        + GatewayManifests.gateway("orphan", in: "ana", className: "gone")
            + """
            ---
            apiVersion: v1
            kind: Namespace
            metadata: {name: shop, labels: {weir.dev/inject: enabled}}
            ---
            apiVersion: v1
            kind: Namespace
            metadata: {name: off, labels: {weir.dev/inject: disabled}}
            ---
            apiVersion: v1
            kind: Namespace
            metadata: {name: plain}
            ---
            apiVersion: v1
            kind: Namespace
            metadata: {name: kube-system, labels: {weir.dev/inject: enabled}}
            ---
            apiVersion: v1
            kind: Namespace
            metadata: {name: weir-system, labels: {weir.dev/inject: enabled}}

            """

    private func subjects(fansOut: Bool = false) throws -> ProxySubjects {
        var resources = ResourceSet()
        var objects: [ObjectKey: Node] = [:]
        var problems: [Problem] = []
        for document in try YAMLReader.documents(Array(Self.cluster.utf8)) {
            guard
                case .resource(let id, let resource) = ResourceDecoder.decode(
                    document.root, file: "", problems: &problems)
            else { continue }
            resources.insert(resource)
            if id.kind == .gateway { objects[id.key] = document.root }
        }
        var settings = Gateways.settings
        settings.systemNamespace = "weir-system"
        settings.bindsInjectedNamespaces = !fansOut
        return ProxySubjects(
            resources, objects: objects, names: [ObjectKey(namespace: "ana", name: "web"): "web-weir"],
            settings: settings)
    }

    private static func names(_ binding: Node?) -> [String] {
        (binding?["subjects"]?.elements ?? []).compactMap { $0["name"]?.stringValue }
    }

    @Test func namespacesThatAreInjectedAndGatewaysAreBound() throws {
        let patch = try subjects().patch(.mapping(["metadata": .mapping(["resourceVersion": "7"])]))
        #expect(Self.names(patch) == ["system:serviceaccounts:shop", "web-weir"])
        #expect(patch?["metadata"]?["resourceVersion"]?.stringValue == "7")
        let bound: Node = .mapping(["subjects": patch?["subjects"] ?? []])
        #expect(try subjects().patch(bound) == nil)
    }

    @Test func withTheFanOutGatewaysAloneAre() throws {
        #expect(Self.names(try subjects(fansOut: true).patch(.mapping([:]))) == ["web-weir"])
    }

    @Test func whoeverElseIsBoundIsTakenOut() throws {
        let old: Node = .mapping([
            "subjects": [
                .mapping(["apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "system:serviceaccounts"])
            ]
        ])
        #expect(Self.names(try subjects().patch(old)) == ["system:serviceaccounts:shop", "web-weir"])
    }

    /// What serves a Gateway whose class has gone goes on, and nobody is let in by naming a class that does not exist.
    @Test func gatewaysThatAreHeldKeepWhatTheyHave() throws {
        #expect(!Self.names(try subjects().patch(.mapping([:]))).contains("orphan-gone"))
        let bound: Node = .mapping([
            "subjects": [.mapping(["kind": "ServiceAccount", "name": "orphan-gone", "namespace": "ana"])]
        ])
        #expect(Self.names(try subjects().patch(bound)).contains("orphan-gone"))
    }

    @Test func noNamespacesGatewaysTakeTheRoomOfAnothers() {
        let many = (0..<50).map { ProxySubject.serviceAccount(ObjectKey(namespace: "a", name: "gateway-\($0)")) }
        let others: Set<ProxySubject> = [
            .namespace("b"), .serviceAccount(ObjectKey(namespace: "b", name: "z")),
            .serviceAccount(ObjectKey(namespace: "c", name: "z")),
        ]
        let fitting = Set(ProxySubjects.fitting(others.union(many), limit: 10))
        #expect(fitting.count == 10 && fitting.isSuperset(of: others))
    }

    @Test func theBindingFollowsTheLabelsOfNamespaces() throws {
        let world = try ControllerWorld(Self.cluster)
        let key = ObjectKey(namespace: "", name: ProxyBinding.name)
        try world.server.put(
            yaml: """
                apiVersion: rbac.authorization.k8s.io/v1
                kind: ClusterRoleBinding
                metadata: {name: weir-proxy}
                roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: weir-proxy}
                """)
        world.start()
        let names = { Self.names(world.server.get("clusterrolebindings", key)) }
        #expect(world.waits { names().contains("system:serviceaccounts:shop") && names().contains("web-weir") })
        #expect(!names().contains("system:serviceaccounts:plain"))
        try world.server.change("namespaces", ObjectKey(namespace: "", name: "plain")) { namespace in
            namespace.update("metadata") { $0.set("labels", .strings(["weir.dev/inject": "enabled"])) }
        }
        #expect(world.waits { names().contains("system:serviceaccounts:plain") })
        try world.server.change("namespaces", ObjectKey(namespace: "", name: "shop")) { namespace in
            namespace.update("metadata") { $0.set("labels", nil) }
        }
        #expect(world.waits { !names().contains("system:serviceaccounts:shop") })
        world.controller.stop()
    }
}
