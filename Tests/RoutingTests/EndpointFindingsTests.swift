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
}
