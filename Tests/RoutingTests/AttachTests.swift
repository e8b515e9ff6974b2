import GatewayAPI
import Testing

@testable import Routing

@Suite struct AttachTests {
    @Test(
        arguments: [
            (nil, ["a.b"], ["a.b"]), ("a.b", [], ["a.b"]), ("a.b", ["a.b"], ["a.b"]),
            ("*.b", ["x.b", "x.y.b"], ["x.b", "x.y.b"]),
            ("x.b", ["*.b"], ["x.b"]), ("*.b", ["*.c.b"], ["*.c.b"]), ("*.c.b", ["*.b"], ["*.c.b"]),
            ("*.b", ["b"], nil),
            ("*.b", ["xb"], nil), ("*.b", ["b", "a.b"], ["a.b"]), (nil, [], []),
        ] as [(String?, [String], [String]?)])
    func hostnamesIntersectAsTheStandardsTableSays(_ listener: String?, _ route: [String], _ expected: [String]?) {
        #expect(HostnameIntersection.intersect(listener: listener, route: route) == expected)
    }

    @Test(
        arguments: [
            ("http", "", 80, .http), ("kubernetes.io/ws", "", 80, .http), ("kubernetes.io/h2c", "http", 80, .opaque),
            ("https", "", 80, .opaque), (nil, "http-web", 80, .http), (nil, "grpc", 80, .opaque),
            (nil, "web", 80, .detect),
            ("vendor.io/x", "", 80, .detect), (nil, "", 3306, .opaque), ("http", "", 3306, .http),
            (nil, "grpc-web-api", 80, .http),
        ] as [(String?, String, UInt16, AppProtocol)])
    func aPortIsReadAsItDeclares(_ declared: String?, _ name: String, _ number: UInt16, _ expected: AppProtocol) {
        #expect(Service.Port(name: name, port: number, appProtocol: declared).plannedProtocol == expected)
    }

    private static func slice(_ address: UInt32, pod: String? = nil, ready: Bool = true, port: UInt16 = 3000)
        -> EndpointSlice
    {
        EndpointSlice(
            metadata: ObjectMeta(key: ObjectKey(namespace: "n", name: "s-1")), serviceName: "s",
            ports: [EndpointSlice.Port(name: "http", port: port)],
            endpoints: [
                EndpointSlice.Endpoint(
                    address: IPAddress(ipv4: address), ready: ready,
                    pod: pod.map { ObjectKey(namespace: "n", name: $0) })
            ])
    }

    @Test func inboundMembershipChangesWithOwnEndpointsOnly() {
        func membership(_ slice: EndpointSlice) -> InboundMembership {
            var resources = ResourceSet()
            resources.endpointSlices[slice.metadata.key] = slice
            let pod = ObjectKey(namespace: "n", name: "me")
            return RoutePlanner.inboundMembership(resources: resources, pod: pod, addresses: [IPAddress(ipv4: 7)])
        }
        #expect(membership(Self.slice(8)).entries.isEmpty)
        #expect(membership(Self.slice(7)).entries.count == 1)
        #expect(membership(Self.slice(7)) == membership(Self.slice(8, pod: "me", ready: false)))
        #expect(membership(Self.slice(7)) != membership(Self.slice(7, port: 3001)))
    }

    @Test func consumerRoutesReplaceProducerRoutesForTheirNamespace() {
        let frontend = ServiceFrontend(service: ObjectKey(namespace: "shop", name: "s"), port: 80)
        let producer = ObjectKey(namespace: "shop", name: "p")
        let consumer = ObjectKey(namespace: "ana", name: "c")
        let attachments = ServiceAttachments(
            producers: [frontend: [producer]], consumers: [frontend: ["ana": [consumer]]])
        let port = Service.Port(port: 80)
        let service = Service(metadata: ObjectMeta(key: frontend.service), ports: [port])
        func routes(_ namespace: String?) -> ServiceRules {
            attachments.rules(for: port, of: service, clientsIn: namespace)
        }
        #expect(routes("ana") == .routes([consumer]))
        #expect(routes("shop") == .routes([producer]))
        #expect(routes("other") == .routes([producer]))
        #expect(routes(nil) == .routes([producer]))
    }
}
