import GatewayAPI
import Glibc
import Routing
import Testing

/// Planning must stay linear in the number of routes. The bound is generous: it fails for quadratic work, in debug
/// builds too. What counts is the thread's own time on a processor, which does not pass while others have it.
@Suite(.serialized) struct PlanSpeedTests {
    static let routes = 10_000

    static func resources(delegated: Bool) -> ResourceSet {
        var resources = ResourceSet()
        let gateway = Gateway(
            metadata: ObjectMeta(key: ObjectKey(namespace: "infra", name: "edge")), gatewayClassName: "weir",
            listeners: [Listener(name: "http", port: 80, listenerProtocol: "HTTP", allowedNamespaces: .all)])
        resources.gateways[gateway.metadata.key] = gateway
        let root = ObjectKey(namespace: "infra", name: "root")
        if delegated {
            resources.httpRoutes[root] = HTTPRoute(
                metadata: ObjectMeta(key: root), parentRefs: [ParentReference(name: "edge")], hostnames: [],
                rules: [
                    HTTPRouteRule(
                        matches: [HTTPRouteMatch(path: PathMatch(.prefix, "/t"))],
                        backendRefs: [
                            BackendReference(
                                group: "delegation.kgateway.dev", kind: "label", namespace: "all", name: "l")
                        ])
                ])
        }
        for number in 0..<routes {
            let namespace = "team\(number % 100)"
            let service = ObjectKey(namespace: namespace, name: "s\(number)")
            resources.services[service] = Service(
                metadata: ObjectMeta(key: service), clusterIPs: [IPAddress(ipv4: UInt32(number))],
                ports: [Service.Port(port: 80)])
            let key = ObjectKey(namespace: namespace, name: "r\(number)")
            let parent = ParentReference(namespace: "infra", name: "edge")
            resources.httpRoutes[key] = HTTPRoute(
                metadata: ObjectMeta(key: key, labels: ["delegation.kgateway.dev/label": "l"]),
                parentRefs: delegated ? [] : [parent], hostnames: [],
                rules: [
                    HTTPRouteRule(
                        matches: [HTTPRouteMatch(path: PathMatch(.prefix, "/t/\(number)"))],
                        backendRefs: [BackendReference(name: service.name, port: 80)])
                ])
        }
        return resources
    }

    @Test(arguments: [false, true]) func tenThousandRoutesAreLinear(delegated: Bool) throws {
        let resources = Self.resources(delegated: delegated)
        let begun = Self.processorTime()
        let matches = RoutePlanner.plan(resources: resources, scope: .cluster).listeners.first?.matches.count ?? 0
        let time = Self.processorTime() - begun
        print("planned \(Self.routes) routes, delegated: \(delegated), in \(time)")
        #expect(matches == Self.routes)
        #expect(time < .seconds(20))
    }

    private static func processorTime() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
