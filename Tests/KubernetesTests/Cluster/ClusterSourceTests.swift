import APIServer
import GatewayAPI
import Reactor
import Testing

@testable import Kubernetes

/// A cluster as a source, against the API server of the tests.
@Suite struct ClusterSourceTests {
    private let server: APIServer
    private let test: LoopTest
    private let client: APIClient
    private let log = Log()
    private static let slices = "endpointslices"
    private static let admission = GatewayAdmission(controller: "weir.dev/gateway-controller", className: "weir")

    private final class Log {
        var changes: [SourceChange] = []
        var endpoints: Set<ObjectKey> = []
        var routeChanges: Int { changes.count { $0.routesChanged } }
    }

    init() throws {
        server = try APIServer()
        test = try LoopTest()
        client = try test.client(server)
    }

    private func key(_ name: String, _ namespace: String = "ana") -> ObjectKey {
        ObjectKey(namespace: namespace, name: name)
    }

    private func start(
        _ scope: ClusterScope, podLabels: PodLabelsFile? = nil, onFirst: ((ClusterSource) -> Void)? = nil
    ) -> ClusterSource {
        let source = ClusterSource(transport: client, name: server.url, scope: scope, podLabels: podLabels)
        let log = log
        source.start(on: test.loop) { [unowned source] change in
            log.changes.append(change)
            log.endpoints.formUnion(change.endpointsChanged)
            if log.changes.count == 1 { onFirst?(source) }
        }
        return source
    }

    private func run(_ condition: () -> Bool) -> Bool { test.run(until: condition) }

    private func putPod(_ name: String = "pod-1", labels: [String: String] = ["app": "a"]) throws {
        try server.put(ClusterObjects.pod(name, labels: labels))
    }

    private var sidecar: ClusterScope { .sidecar(pod: key("pod-1")) }

    @Test func aSidecarReadsItsOwnServicesEndpointsAndNoOthers() throws {
        defer { server.stop() }
        try putPod()
        try server.put(ClusterObjects.service("a", selector: ["app": "a"]))
        try server.put(ClusterObjects.service("b", selector: ["app": "b"]))
        try server.put(ClusterObjects.service("a", "ian", selector: ["app": "a"]))
        for (name, namespace) in [("a", "ana"), ("b", "ana"), ("a", "ian")] {
            try server.put(ClusterObjects.slice("\(name)-1", of: name, namespace))
        }
        let source = start(sidecar)
        #expect(run { source.isKnown })
        #expect(source.resources.services.count == 3)
        #expect(source.resources.endpointSlices.keys.map(\.description) == ["ana/a-1"])
        #expect(source.coverage.covers(key("a")) && !source.coverage.covers(key("b")))
        #expect(source.isHealthy && source.problems == [])
    }

    @Test func aServiceIsReadOnFirstUse() throws {
        defer { server.stop() }
        try putPod()
        try server.put(ClusterObjects.service("b"))
        try server.put(ClusterObjects.slice("b-1", of: "b"))
        let source = start(sidecar)
        #expect(run { source.isKnown })
        source.use([key("b"), key("none")])
        #expect(run { log.endpoints == [key("b"), key("none")] })
        #expect(source.coverage.covers(key("b")) && source.coverage.covers(key("none")))
        #expect(source.resources.endpointSlices.count == 1)
        try server.put(ClusterObjects.slice("b-2", of: "b", address: "10.1.0.2"))
        #expect(run { source.resources.endpointSlices.count == 2 })
    }

    @Test func aServiceThatIsIdleIsReadNoMore() throws {
        defer { server.stop() }
        try putPod()
        try server.put(ClusterObjects.slice("b-1", of: "b"))
        let source = start(sidecar)
        source.use([key("b")])
        #expect(run { source.isKnown && source.coverage.covers(key("b")) })
        log.endpoints = []
        source.interest.expire(now: Clock.now() + ClusterLimits.serviceIdleTime)
        source.reconcileEndpoints()
        #expect(!source.coverage.covers(key("b")) && source.resources.endpointSlices.isEmpty)
        #expect(run { log.endpoints == [key("b")] && server.watchCount(of: Self.slices) == 0 })
        source.use([key("b")])
        #expect(run { source.coverage.covers(key("b")) && source.resources.endpointSlices.count == 1 })
    }

    @Test func aServiceThatBeginsToSelectThePodIsItsOwn() throws {
        defer { server.stop() }
        try putPod()
        try server.put(ClusterObjects.slice("b-1", of: "b"))
        let source = start(sidecar)
        #expect(run { source.isKnown })
        try server.put(ClusterObjects.service("b", selector: ["app": "a"]))
        #expect(run { source.resources.endpointSlices.count == 1 })
        try putPod(labels: ["app": "other"])
        #expect(run { source.resources.endpointSlices.isEmpty && server.watchCount(of: Self.slices) == 0 })
    }

    @Test(arguments: [true, false])
    func withoutItsPodASidecarReadsItsNamespace(isForbidden: Bool) throws {
        defer { server.stop() }
        if isForbidden { server.inject(.failure(403, reason: "Forbidden", on: "/pods", count: nil)) }
        try server.put(ClusterObjects.service("a", selector: ["app": "a"]))
        for (name, namespace) in [("a", "ana"), ("b", "ana"), ("a", "ian")] {
            try server.put(ClusterObjects.slice("\(name)-1", of: name, namespace))
        }
        let source = start(sidecar)
        #expect(run { source.isKnown })
        #expect(source.resources.endpointSlices.keys.map(\.description).sorted() == ["ana/a-1", "ana/b-1"])
        #expect(source.problems.isEmpty == !isForbidden)
        // Known along with the others, and said so when it is asked for.
        source.use([key("empty")])
        #expect(run { log.endpoints.contains(key("empty")) })
    }

    @Test func aSidecarTakesItsLabelsFromAFileAndReadsNoPod() throws {
        defer { server.stop() }
        server.inject(.failure(403, reason: "Forbidden", on: "/pods", count: nil))
        let folder = try TemporaryFolder()
        try folder.write("labels", "app=\"a\"\ntier=\"web\"\n")
        try server.put(ClusterObjects.service("a", selector: ["app": "a"]))
        try server.put(ClusterObjects.service("b", selector: ["app": "b"]))
        for name in ["a", "b"] { try server.put(ClusterObjects.slice("\(name)-1", of: name)) }
        let source = start(sidecar, podLabels: PodLabelsFile(path: folder.path + "/labels", interval: 20_000_000))
        #expect(run { source.isKnown })
        #expect(source.resources.endpointSlices.keys.map(\.description) == ["ana/a-1"])
        #expect(source.problems == [] && source.isHealthy)

        try folder.write("labels", "app=\"b\"")
        #expect(run { source.resources.endpointSlices.keys.map(\.description) == ["ana/b-1"] })

        try folder.write("labels", "app=\"a\nmore")
        #expect(run { source.problems.count == 1 })
        #expect(source.problems.first?.message.contains("label 1 is not of the form key=\"value\"") == true)
        #expect(source.resources.endpointSlices.keys.map(\.description) == ["ana/b-1"], "the last labels stay in use")
        try folder.write("labels", "app=\"b\"")
        #expect(run { source.problems == [] })
    }

    @Test func withoutTheFileASidecarReadsItsNamespace() throws {
        defer { server.stop() }
        try server.put(ClusterObjects.service("a", selector: ["app": "a"]))
        for name in ["a", "b"] { try server.put(ClusterObjects.slice("\(name)-1", of: name)) }
        let source = start(sidecar, podLabels: PodLabelsFile(path: "/nonexistent/labels"))
        #expect(run { source.isKnown && source.resources.endpointSlices.count == 2 })
        #expect(source.problems.first?.message.contains("/nonexistent/labels: does not exist") == true)
    }

    @Test func aGatewayIsKnownWithWhatItsPlanNeeds() throws {
        defer { server.stop() }
        try server.put(ClusterObjects.gatewayClass("weir", controller: "weir.dev/gateway-controller"))
        try server.put(ClusterObjects.gateway("g", className: "weir"))
        try server.put(ClusterObjects.gateway("other", className: "weir"))
        try server.put(ClusterObjects.service("a"))
        try server.put(ClusterObjects.slice("a-1", of: "a"))
        try server.put(ClusterObjects.secret("tls"))
        try server.put(ClusterObjects.secret("unused"))
        let needed = key("a")
        let secret = key("tls")
        let source = start(.gateway(key("g"), Self.admission)) { source in
            #expect(!source.isKnown)
            source.need(services: [needed], secrets: [secret])
        }
        #expect(run { source.isKnown })
        #expect(source.resources.gateways.keys.map(\.name) == ["g"])
        #expect(source.coverage.covers(needed) && source.resources.endpointSlices.count == 1)
        #expect(source.resources.secrets.keys.map(\.name) == ["tls"])
        #expect(log.changes.first?.routesChanged == true)
        source.need(services: [], secrets: [])
        #expect(source.resources.endpointSlices.isEmpty && source.resources.secrets.isEmpty)
        #expect(run { server.watchCount(of: "secrets") == 0 && server.watchCount(of: Self.slices) == 0 })
    }

    @Test func aSecretThatMayNotBeReadKeepsNothingElseFromBeingServed() throws {
        defer { server.stop() }
        server.inject(.failure(403, reason: "Forbidden", on: "/secrets", count: nil))
        try server.put(ClusterObjects.gateway("g", className: "weir"))
        let secret = key("tls")
        let source = start(.gateway(key("g"), Self.admission)) { $0.need(services: [], secrets: [secret]) }
        #expect(run { source.isKnown })
        #expect(source.problems.count == 1 && source.isHealthy)
    }

    @Test func aServerWithoutSecretsIsNamedAsTheReasonThatListenersHaveNoCertificate() throws {
        defer { server.stop() }
        server.serve("secrets", versions: [])
        var gateway = ClusterObjects.gateway("g", className: "weir")
        gateway.update("spec") { spec in
            spec.set(
                "listeners",
                [
                    .mapping(["name": "http", "port": 80, "protocol": "HTTP"]),
                    .mapping([
                        "name": "https", "port": 443, "protocol": "HTTPS",
                        "tls": .mapping(["certificateRefs": [.mapping(["name": "tls"])]]),
                    ]),
                ])
        }
        try server.put(gateway)
        let secret = key("tls")
        let source = start(.gateway(key("g"), Self.admission)) { $0.need(services: [], secrets: [secret]) }
        #expect(run { source.isKnown && !source.problems.isEmpty })
        let problem = try #require(source.problems.first)
        #expect(source.problems.count == 1 && problem.severity == .error && problem.object == "Gateway ana/g")
        #expect(problem.field == "spec.listeners[1].tls.certificateRefs[0]" && problem.value == "tls")
        for part in [server.url, "serves no Secrets", "listener https on port 443", "--kubernetes-via"] {
            #expect(problem.message.contains(part), "\(problem.message)")
        }
        #expect(log.changes.contains { $0.problemsChanged })
        source.need(services: [], secrets: [])
        #expect(run { source.problems.isEmpty })
    }

    @Test func manyServicesAreReadByNamespaceWithoutAGap() throws {
        defer { server.stop() }
        for number in 0..<80 { try server.put(ClusterObjects.slice("s\(number)-1", of: "s\(number)")) }
        try server.put(ClusterObjects.gateway("g", className: "weir"))
        let few = Set((0..<10).map { key("s\($0)") })
        let many = Set((0..<80).map { key("s\($0)") })
        let source = start(.gateway(key("g"), Self.admission)) { $0.need(services: few, secrets: []) }
        #expect(run { source.isKnown && server.watchCount(of: Self.slices) == 10 })
        source.need(services: many, secrets: [])
        #expect(few.allSatisfy(source.coverage.covers))
        #expect(run { many.allSatisfy(source.coverage.covers) && server.watchCount(of: Self.slices) == 1 })
        #expect(source.resources.endpointSlices.count == 80)
        server.delete(Self.slices, key("s3-1"))
        #expect(run { source.resources.endpointSlices.count == 79 })
        source.need(services: few, secrets: [])
        #expect(few.allSatisfy(source.coverage.covers))
        #expect(run { server.watchCount(of: Self.slices) == 10 && source.resources.endpointSlices.count == 9 })
    }

    @Test func aStormIsToldFewTimes() throws {
        defer { server.stop() }
        let source = start(.cluster(endpoints: true))
        #expect(run { source.isKnown })
        let before = log.changes.count
        let start = Clock.now()
        for number in 0..<500 { try server.put(ClusterObjects.service("s\(number)")) }
        #expect(run { source.resources.services.count == 500 })
        // However slowly it comes: what happens within one window is told at once.
        let windows = Int((Clock.now() - start) / ClusterLimits.changeWindow) + 1
        #expect(log.changes.count - before <= windows)
    }

    @Test func whatIsHeldStaysInUseWhileTheServerIsGone() throws {
        defer { server.stop() }
        try server.put(ClusterObjects.service("a"))
        try server.put(ClusterObjects.service("b"))
        let source = start(.cluster(endpoints: true))
        #expect(run { source.isKnown })
        try server.goDown()
        #expect(run { !source.isHealthy && !source.problems.isEmpty })
        #expect(source.isKnown && source.resources.services.count == 2)
        server.delete("services", key("b"))
        try server.comeUp(forgetsHistory: true)
        source.reload()
        #expect(run { source.isHealthy && source.problems == [] })
        #expect(run { source.resources.services.count == 1 })
    }

    @Test func nothingIsKnownUntilEverythingIs() throws {
        defer { server.stop() }
        let fault = server.inject(.failure(403, reason: "Forbidden", on: "/backends", count: nil))
        try server.put(ClusterObjects.service("a"))
        let source = start(.cluster(endpoints: false))
        #expect(run { log.changes.contains { $0.problemsChanged } })
        #expect(!source.isKnown && log.routeChanges == 0 && !source.isHealthy)
        #expect(source.problems.first?.message.contains("API group gateway.kgateway.dev is forbidden") == true)
        server.remove(fault: fault)
        source.reload()
        #expect(run { source.isKnown && log.routeChanges == 1 })
    }

    @Test func kindsThatAreNotServedAreDoneWithout() throws {
        defer { server.stop() }
        server.serve("backends.gateway.kgateway.dev", versions: [])
        server.serve("httproutes.gateway.networking.k8s.io", versions: [])
        try server.put(ClusterObjects.service("a"))
        let source = start(.cluster(endpoints: true))
        #expect(run { source.isKnown })
        #expect(source.problems == [] && source.isHealthy && source.resources.services.count == 1)
    }

    @Test func aCommandReadsAClusterOnce() throws {
        defer { server.stop() }
        try server.put(ClusterObjects.service("a"))
        try server.put(ClusterObjects.slice("a-1", of: "a"))
        let state = try ClusterSource.load(client.configuration, userAgent: "weir/test")
        #expect(state.resources.services.count == 1 && state.resources.endpointSlices.count == 1)
        #expect(state.resources.secrets.isEmpty)
        try server.put(ClusterObjects.secret("certificate"))
        let key = ObjectKey(namespace: "ana", name: "certificate")
        let missing = ObjectKey(namespace: "ana", name: "missing")
        let whole = try ClusterSource.load(client.configuration, userAgent: "weir/test") { resources in
            resources.services.isEmpty ? [] : [key, missing]
        }
        #expect(Set(whole.resources.secrets.keys) == [key])
        // Not that watches were cut off at the end, which is nobody's problem; the certificate is none, which is.
        #expect(whole.problems.allSatisfy { $0.object == "Secret ana/certificate" })
        try server.goDown()
        #expect(throws: ConfigurationError.self) {
            try ClusterSource.load(client.configuration, userAgent: "weir/test", timeout: 300_000_000)
        }
    }
}
