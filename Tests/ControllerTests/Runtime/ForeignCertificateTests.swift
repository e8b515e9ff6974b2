import APIServer
import GatewayAPI
import Kubernetes
import Reactor
import Testing

@testable import Controller

/// What lets a Gateway's pods read a Secret of another namespace. No owner can be named there, so what the controller
/// made is known by the field managers alone that the API server keeps.
@Suite struct ForeignCertificateTests {
    private static let listeners =
        "[\(GatewayManifests.http), \(GatewayManifests.https(certificate: "{name: shop, namespace: vault}"))]"
    private static let objects =
        GatewayManifests.gatewayClass() + GatewayManifests.gateway("web", in: "ana", listeners: listeners)
            + """
            ---
            apiVersion: gateway.networking.k8s.io/v1beta1
            kind: ReferenceGrant
            metadata: {name: web, namespace: vault}
            spec:
              from: [{group: gateway.networking.k8s.io, kind: Gateway, namespace: ana}]
              to: [{group: "", kind: Secret}]
            ---
            apiVersion: v1
            kind: Secret
            metadata: {name: other, namespace: vault}

            """

    /// A cluster with a certificate that the Gateway may use.
    private static func makeWorld() throws -> ControllerWorld {
        let world = try ControllerWorld(objects)
        try world.server.put(try Certificates.secret("shop", in: "vault"))
        return world
    }

    private static let gateway = ObjectKey(namespace: "ana", name: "web")
    private static let grant = ObjectKey(namespace: "vault", name: "web")
    private static let workload = ObjectKey(namespace: "ana", name: "web-weir")
    private static let role = ObjectKey(
        namespace: "vault", name: GeneratedName.foreignObject(gateway: gateway, className: "weir"))

    private static func isGranted(_ server: APIServer) -> Bool {
        server.get("roles", role) != nil && server.get("rolebindings", role) != nil
    }

    private static func isRevoked(_ server: APIServer) -> Bool {
        server.get("roles", role) == nil && server.get("rolebindings", role) == nil
    }

    @Test func theGatewayMayReadJustTheSecretThatItIsGranted() throws {
        let world = try Self.makeWorld()
        world.start()
        #expect(world.waits { Self.isGranted(world.server) })
        let rules = world.server.get("roles", Self.role)?["rules"]?.elements ?? []
        #expect(rules.count == 1)
        #expect(rules.first?["resources"]?.texts == ["secrets"])
        #expect(rules.first?["resourceNames"]?.texts == ["shop"])
        #expect(rules.first?["verbs"]?.texts == ["get", "list", "watch"])
        let binding = world.server.get("rolebindings", Self.role)
        #expect(binding?.at("roleRef.name")?.stringValue == Self.role.name)
        #expect(binding?.at("subjects.0.name")?.stringValue == "web-weir")
        #expect(binding?.at("subjects.0.namespace")?.stringValue == "ana")
        #expect(world.server.get("roles", Self.workload) == nil)
        // The server refuses a binding to a Role that is not there yet.
        let isWrite = { (request: LoggedRequest) in request.path.contains("rolebindings") && request.method == "PATCH" }
        #expect(world.waits { world.server.requests.filter(isWrite).allSatisfy { $0.status != nil } })
        #expect(world.server.requests.filter(isWrite).allSatisfy { [200, 201].contains($0.status) })
        world.controller.stop()
    }

    @Test func itGoesWithTheGrantAndComesBackWithIt() throws {
        let world = try Self.makeWorld()
        world.start()
        #expect(world.waits { Self.isGranted(world.server) && world.server.get("deployments", Self.workload) != nil })
        let grant = try #require(world.server.get("referencegrants", Self.grant))
        world.server.delete("referencegrants", Self.grant)
        #expect(world.waits { Self.isRevoked(world.server) })
        #expect(world.server.get("deployments", Self.workload) != nil)
        try world.server.put(grant)
        #expect(world.waits { Self.isGranted(world.server) })
        world.controller.stop()
    }

    @Test func itGoesWithTheListener() throws {
        let world = try Self.makeWorld()
        world.start()
        #expect(world.waits { Self.isGranted(world.server) })
        try world.server.change("gateways", Self.gateway) { gateway in
            gateway.update("spec") { spec in
                spec.set("listeners", .sequence(spec["listeners"]?.elements.prefix(1).map(\.self) ?? []))
            }
        }
        #expect(world.waits { Self.isRevoked(world.server) })
        world.controller.stop()
    }

    @Test func itGoesWithTheGateway() throws {
        let world = try Self.makeWorld()
        world.start()
        #expect(world.waits { Self.isGranted(world.server) })
        world.server.delete("gateways", Self.gateway)
        #expect(world.waits { Self.isRevoked(world.server) })
        world.controller.stop()
    }

    private static let secret = ObjectKey(namespace: "vault", name: "shop")

    @Test func itGoesWithTheSecretAndComesBackWithIt() throws {
        let world = try Self.makeWorld()
        world.start()
        #expect(world.waits { Self.isGranted(world.server) })
        let secret = try #require(world.server.get("secrets", Self.secret))
        world.server.delete("secrets", Self.secret)
        #expect(world.waits { Self.isRevoked(world.server) })
        try world.server.put(secret)
        #expect(world.waits { Self.isGranted(world.server) })
        world.controller.stop()
    }

    /// A grant for every Secret of a namespace opens no password.
    @Test(arguments: [
        "{apiVersion: v1, kind: Secret, metadata: {name: shop, namespace: vault}, type: Opaque, data: {password: aHVudGVyMg==}}",
        "{apiVersion: v1, kind: Secret, metadata: {name: shop, namespace: vault}, type: kubernetes.io/tls, data: {tls.crt: bm8=, tls.key: bm8=}}",
        "{apiVersion: v1, kind: Secret, metadata: {name: shop, namespace: vault}, type: kubernetes.io/basic-auth, data: {password: aHVudGVyMg==}}",
        "{apiVersion: v1, kind: Secret, metadata: {name: shop, namespace: vault}, type: kubernetes.io/service-account-token, data: {token: eA==}}",
        "{apiVersion: v1, kind: Secret, metadata: {name: unrelated, namespace: vault}, type: kubernetes.io/tls}",
    ])
    func whatIsNoCertificateIsNotGranted(_ secret: String) throws {
        let world = try ControllerWorld(Self.objects)
        try world.server.put(yaml: secret)
        world.start()
        #expect(world.waits { world.server.get("deployments", Self.workload) != nil })
        #expect(world.waits { world.controller.provisioner.queueDepth == 0 })
        #expect(Self.isRevoked(world.server))
        world.controller.stop()
    }

    /// Not even when it holds a certificate: the type says for what it may be handed out.
    @Test func aSecretOfAnotherTypeIsNotGranted() throws {
        let world = try ControllerWorld(Self.objects)
        try world.server.put(try Certificates.secret("shop", in: "vault", type: "Opaque"))
        world.start()
        #expect(world.waits { world.server.get("deployments", Self.workload) != nil })
        #expect(world.waits { world.controller.provisioner.queueDepth == 0 })
        #expect(Self.isRevoked(world.server))
        let status = { world.server.get("gateways", Self.gateway)?.at("status.listeners.1.conditions")?.elements ?? [] }
        #expect(
            world.waits {
                status().contains {
                    $0["reason"]?.stringValue == "InvalidCertificateRef"
                        && $0["message"]?.stringValue?.contains("kubernetes.io/tls") == true
                }
            })
        world.controller.stop()
    }

    /// What was a certificate and is none any more is nobody's.
    @Test func itGoesWhenTheSecretIsNoCertificateAnyMore() throws {
        let world = try Self.makeWorld()
        world.start()
        #expect(world.waits { Self.isGranted(world.server) })
        try world.server.change("secrets", Self.secret) {
            $0.set("data", .mapping(["tls.crt": "bm8=", "tls.key": "bm8="]))
        }
        #expect(world.waits { Self.isRevoked(world.server) })
        world.controller.stop()
    }

    /// A controller that has only just begun to look takes nothing away.
    @Test func aSuccessorTakesNothingAwayThatItHasNotLookedAt() throws {
        let world = try Self.makeWorld()
        world.start()
        #expect(world.waits { Self.isGranted(world.server) })
        world.controller.stop()
        let before = world.server.requests.count
        let successor = try world.makeController()
        successor.start()
        successor.setActive(true)
        #expect(world.waits { successor.metrics.plans.count > 1 && successor.provisioner.queueDepth == 0 })
        let deletions = world.server.requests.dropFirst(before).filter { $0.method == "DELETE" }
        #expect(deletions.isEmpty)
        #expect(Self.isGranted(world.server))
        successor.stop()
    }

    /// Another controller instance takes over and knows what an earlier one made.
    @Test func aSuccessorTakesAwayWhatIsNoLongerGranted() throws {
        let world = try Self.makeWorld()
        world.start()
        #expect(world.waits { Self.isGranted(world.server) })
        world.controller.stop()
        world.server.delete("referencegrants", Self.grant)
        let successor = try world.makeController()
        successor.start()
        successor.setActive(true)
        #expect(world.waits { Self.isRevoked(world.server) })
        successor.stop()
    }

    /// With our labels and annotations and under the very name, as a copy from another cluster has them.
    @Test func aForeignObjectOfTheNameIsLeftAlone() throws {
        let world = try Self.makeWorld()
        world.start()
        #expect(world.waits { Self.isGranted(world.server) })
        world.controller.stop()
        var copy = try #require(world.server.get("roles", Self.role))
        copy.update("metadata") { $0.set("uid", nil) }
        copy.set("rules", [])
        world.server.delete("roles", Self.role)
        world.server.delete("rolebindings", Self.role)
        try world.server.put(copy)
        let version = world.server.get("roles", Self.role)?.at("metadata.resourceVersion")

        let successor = try world.makeController()
        successor.start()
        successor.setActive(true)
        #expect(world.waits { world.programmedMessage(of: Self.gateway)?.contains("Role \(Self.role)") == true })
        #expect(world.server.get("roles", Self.role)?.at("metadata.resourceVersion") == version)
        #expect(world.server.get("rolebindings", Self.role) == nil)
        // Nor does it go with the Gateway.
        world.server.delete("gateways", Self.gateway)
        #expect(world.waits { world.server.get("deployments", Self.workload) == nil })
        #expect(world.server.get("roles", Self.role)?.at("metadata.resourceVersion") == version)
        successor.stop()
    }
}
