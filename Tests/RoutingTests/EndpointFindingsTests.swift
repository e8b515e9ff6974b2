import GatewayAPI
import Kubernetes
import Testing

@testable import Routing

/// Endpoints that never serve are told before a request finds out.
@Suite struct EndpointFindingsTests {
    private static let service = """
        {apiVersion: v1, kind: Service, metadata: {name: app, namespace: shop}, spec: {ports: [{name: http, port: 80}]}}
        """

    private static let route = """
        {apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: web, namespace: shop},
         spec: {rules: [{backendRefs: [{name: app, port: 80}]}]}}
        """

    private static func slice(_ ports: String, labels: String = "kubernetes.io/service-name: app", ready: Bool = true)
        -> String
    {
        """
        {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: app-1, namespace: shop, labels: {\(labels)}},
         addressType: IPv4, ports: [\(ports)], endpoints: [{addresses: [10.0.0.1], conditions: {ready: \(ready)}}]}
        """
    }

    private func problems(_ objects: String..., areFiles: Bool = true) throws -> [Problem] {
        var resources = ResourceSet()
        for object in objects + [Self.route] {
            for declared in try ManifestParser.parse(Array(object.utf8), file: "a.yaml").objects {
                if let resource = declared.resource { resources.insert(resource) }
            }
        }
        return RoutePlanner.endpointProblems(resources, areFiles: areFiles)
    }

    @Test func aSliceThatJoinsItsServiceIsNoProblem() throws {
        #expect(try problems(Self.service, Self.slice("{name: http, port: 8080}")) == [])
    }

    @Test(arguments: [
        ("{name: web, port: 8080}", "ports[0].name"), ("{name: http}", "ports[0].port"),
        ("{port: 8080}", "ports[0].name"),
    ])
    func aPortThatNoServicePortJoinsIsAnError(ports: String, field: String) throws {
        let found = try problems(Self.service, Self.slice(ports))
        #expect(found.map(\.field) == [field] && found.map(\.id) == [.sliceUnused])
        #expect(found.map(\.severity) == [.error])
        #expect(try problems(Self.service, Self.slice(ports), areFiles: false).map(\.severity) == [.warning])
    }

    @Test func aSliceWithoutItsLabelIsAnErrorAndSoTheServiceHasNone() throws {
        let found = try problems(Self.service, Self.slice("{name: http, port: 8080}", labels: "app: app"))
        #expect(found.map(\.id) == [.sliceUnused, .noEndpoints])
        #expect(found.map(\.severity) == [.error, .warning])
    }

    @Test func endpointsOfWhichNoneIsReadyAreWarnedOf() throws {
        let found = try problems(Self.service, Self.slice("{name: http, port: 8080}", ready: false))
        #expect(found.map(\.id) == [.noEndpoints] && found.map(\.severity) == [.warning])
    }

    @Test func objectsForAClusterNeedNoSlices() throws {
        #expect(try problems(Self.service) == [])
        #expect(try problems(Self.service, areFiles: false).map(\.id) == [.noEndpoints])
    }

    @Test(arguments: ["kubernetes.io/service-name: ap", "kubernetes.io/service-name: absent"])
    func aSliceOfAServiceThatDoesNotExistIsAnError(labels: String) throws {
        let slice = Self.slice("{name: http, port: 8080}", labels: labels)
        let found = try problems(Self.service, slice)
        #expect(found.map(\.id) == [.sliceUnused, .noEndpoints] && found.map(\.severity) == [.error, .warning])
        #expect(found[0].follows == [ProblemCause("Service shop/\(labels.split(separator: " ")[1])")])
        #expect(try problems(Self.service, slice, areFiles: false).first?.severity == .warning)
    }

    /// The Service that has no endpoints because of the slip is told behind it.
    @Test(arguments: [
        ("kubernetes.io/service-name: ap", "shop"), ("kubernetes.io/service-name: app", "far"), ("app: app", "shop"),
        ("kubernetes.io/servicename: app", "shop"),
    ])
    func aSliceThatJoinsNoServiceIsTheCauseOfThoseThatAreMissing(labels: String, namespace: String) throws {
        let slice = Self.slice("{name: http, port: 8080}", labels: labels)
            .replacing("namespace: shop", with: "namespace: \(namespace)")
        let found = RootCauses.first(try problems(Self.service, slice))
        #expect(found.map(\.id) == [.sliceUnused, .noEndpoints])
        #expect(found.last?.message.contains("because of WEIR0603 of EndpointSlice \(namespace)/app-1") == true)
    }

    @Test func aMisspeltLabelIsNamed() throws {
        let slice = Self.slice("{name: http, port: 8080}", labels: "kubernetes.io/servicename: app")
        #expect(try problems(Self.service, slice).first?.message.contains("kubernetes.io/servicename is none") == true)
    }

    @Test func aPortOfAnotherTransportIsAnError() throws {
        let found = try problems(Self.service, Self.slice("{name: http, port: 8080, protocol: UDP}"))
        #expect(found.map(\.field) == ["ports[0].protocol"] && found.map(\.severity) == [.error])
        let udp = Self.service.replacing("port: 80}", with: "port: 80}, {name: http, port: 53, protocol: UDP}")
        #expect(
            try problems(udp, Self.slice("{name: http, port: 8080}, {name: http, port: 53, protocol: UDP}")) == [])
    }

    private static func foreign(_ address: String, targetRef: String = "") -> String {
        """
        {apiVersion: v1, kind: Service, metadata: {name: evil, namespace: far}, spec: {ports: [{name: http, port: 80}]}}
        ---
        {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice,
         metadata: {name: evil-1, namespace: far, labels: {kubernetes.io/service-name: evil}}, addressType: IPv4,
         ports: [{name: http, port: 8080}], endpoints: [{addresses: [\(address)]\(targetRef)}]}
        """
    }

    private static let ownPod = slice("{name: http, port: 8080}").replacing(
        "addresses: [10.0.0.1]",
        with: "addresses: [10.0.0.1], targetRef: {kind: Pod, namespace: shop, name: app-0}")

    /// Its pod takes no notice of the Service.
    @Test(arguments: [
        ("10.0.0.1", ""), ("10.0.0.9", ", targetRef: {kind: Pod, namespace: shop, name: app-9}"),
    ])
    func aSliceThatListsAPodOfAnotherNamespaceIsAnError(address: String, targetRef: String) throws {
        let found = try problems(Self.service, Self.ownPod, Self.foreign(address, targetRef: targetRef))
        #expect(found.map(\.object) == ["EndpointSlice far/evil-1"] && found.map(\.id) == [.foreignPod])
        #expect(found.map(\.severity) == [.error])
        let pod = targetRef.isEmpty ? "shop/app-0" : "shop/app-9"
        #expect(found.first?.message.contains("pod \(pod), of another namespace") == true)
    }

    @Test(arguments: [
        ("10.0.0.2", ""), ("10.0.0.1", ", targetRef: {kind: Pod, namespace: far, name: own-0}"),
    ])
    func aSliceOfItsOwnPodsIsNone(address: String, targetRef: String) throws {
        #expect(try problems(Self.service, Self.ownPod, Self.foreign(address, targetRef: targetRef)) == [])
    }
}
