import Controller
import Foundation
import GatewayAPI
import Kubernetes
import Reactor
import Testing

@Suite struct CertificateRotationTests {
    private static let path = "/api/v1/namespaces/weir-system/secrets/weir-certificates"
    private let loop: EventLoop
    private let objects: StoredObjects

    init() throws {
        loop = try EventLoop()
        objects = StoredObjects(loop: loop)
    }

    private final class Replica {
        var told: [WeirCertificates] = []
        var now = Int64(Date().timeIntervalSince1970)
        private(set) var rotation: CertificateRotation?

        init(_ objects: StoredObjects, _ loop: EventLoop) {
            rotation = CertificateRotation(
                transport: objects, loop: loop, namespace: "weir-system", service: "weir-controller",
                now: { [unowned self] in now }, changed: { [unowned self] in told.append($0) })
        }
    }

    @Test func certificatesAreMadeOnceAndFoundAgain() throws {
        let first = Replica(objects, loop)
        first.rotation?.start()
        #expect(loop.run { first.told.count == 1 })
        let stored = try #require(objects.objects[Self.path])
        #expect(WeirCertificates(secret: stored) == first.told[0])
        let second = Replica(objects, loop)
        second.rotation?.start()
        #expect(loop.run { second.told.count == 1 })
        #expect(second.told == first.told)
        #expect(objects.requests.filter { !$0.hasPrefix("GET") }.count == 1)
    }

    @Test func replicasThatBeginTogetherEndUpWithTheSame() {
        let replicas = (0..<3).map { _ in Replica(objects, loop) }
        for replica in replicas { replica.rotation?.start() }
        #expect(loop.run { replicas.allSatisfy { !$0.told.isEmpty } })
        #expect(Set(replicas.map(\.rotation?.current)).count == 1)
        #expect(replicas.allSatisfy { $0.told.count == 1 })
    }

    @Test func aCertificateNearItsEndIsReplacedAndTheOthersFollow() throws {
        let replicas = [Replica(objects, loop), Replica(objects, loop)]
        for replica in replicas { replica.rotation?.start() }
        #expect(loop.run { replicas.allSatisfy { $0.told.count == 1 } })
        for replica in replicas { replica.now += 70 * 86_400 }
        replicas[0].rotation?.look()
        #expect(loop.run { replicas[0].told.count == 2 })
        replicas[1].rotation?.look()
        #expect(loop.run { replicas[1].told.count >= 2 })
        #expect(replicas[1].rotation?.current?.authorities == replicas[0].told[0].authorities)
    }

    @Test func whatSomebodyDeletedOrBrokeIsMadeAgain() {
        let replica = Replica(objects, loop)
        replica.rotation?.start()
        #expect(loop.run { replica.told.count == 1 })
        objects.remove(Self.path)
        replica.rotation?.look()
        #expect(loop.run { replica.told.count == 2 })
        objects.put(Self.path, .mapping(["data": .mapping(["ca.crt": "bm9uc2Vuc2U="])]))
        replica.rotation?.look()
        #expect(loop.run { replica.told.count == 3 })
    }

    @Test func troubleIsWaitedOut() {
        objects.faults = [.failure(.unreachable("refused")), nil, .success(APIResponse(status: 500, body: []))]
        let replica = Replica(objects, loop)
        replica.rotation?.start()
        #expect(loop.run { replica.told.count == 1 })
        #expect(objects.faults.isEmpty)
    }
}

@Suite struct WebhookRegistrationTests {
    private static let path =
        "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/weir-injector"

    private func configuration(bundle: String? = nil) -> Node {
        let webhooks = ["namespace.weir.dev", "pod.weir.dev"].map { name in
            var client = Node.mapping(["service": .mapping(["name": "weir-controller", "path": "/inject"])])
            client.set("caBundle", bundle.map { .string($0) })
            return Node.mapping(["name": .string(name), "clientConfig": client, "failurePolicy": "Fail"])
        }
        return .mapping(["metadata": .mapping(["name": "weir-injector"]), "webhooks": .sequence(webhooks)])
    }

    private func bundles(_ objects: StoredObjects) -> [String?] {
        (objects.objects[Self.path]?["webhooks"]?.elements ?? []).map { $0["clientConfig"]?["caBundle"]?.stringValue }
    }

    @Test func theBundleIsPutInEveryWebhookAndNothingElseChanges() throws {
        let loop = try EventLoop()
        let objects = StoredObjects(loop: loop)
        objects.put(Self.path, configuration(bundle: "b2xk"))
        let registration = WebhookRegistration(transport: objects, loop: loop)
        registration.keep(bundle: Array("new".utf8))
        #expect(loop.run { registration.isInPlace })
        #expect(bundles(objects) == ["bmV3", "bmV3"])
        #expect(objects.objects[Self.path]?["webhooks"]?.elements.first?["failurePolicy"]?.stringValue == "Fail")
        registration.keep(bundle: Array("new".utf8))
        #expect(loop.run { registration.isInPlace && objects.requests.count == 3 })
        #expect(objects.requests.filter { $0.hasPrefix("PATCH") }.count == 1)
    }

    @Test func aChangeInBetweenIsNotUndone() throws {
        var changed = configuration()
        changed.update("metadata") { $0.set("resourceVersion", "7") }
        let patch = try #require(WebhookRegistration.patch(changed, bundle: "bmV3"))
        #expect(patch["metadata"]?["resourceVersion"]?.stringValue == "7")
        #expect(WebhookRegistration.patch(configuration(bundle: "bmV3"), bundle: "bmV3") == nil)
    }

    @Test func anAbsentConfigurationIsWaitedFor() throws {
        let loop = try EventLoop()
        let objects = StoredObjects(loop: loop)
        let registration = WebhookRegistration(transport: objects, loop: loop)
        registration.keep(bundle: Array("new".utf8))
        #expect(loop.run { objects.requests.count == 1 })
        #expect(!registration.isInPlace)
        objects.put(Self.path, configuration())
        registration.keep(bundle: Array("new".utf8))
        #expect(loop.run { registration.isInPlace })
        #expect(bundles(objects) == ["bmV3", "bmV3"])
    }
}
