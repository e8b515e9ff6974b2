internal import FuzzDriver
package import GatewayAPI
package import Reactor

/// Makes resources up for the route compiler: the same ones for the same seed.
package enum RoutingFuzz {
    package typealias Dice = SplitMix64

    package static let paths = ["/", "/a", "/a/", "/ab", "/a/b", "/a/b/c", "/x"]
    package static let expressions = [
        "/a/.*", "/a(/.*)?", "/a|/x", "/a/[0-9]+|/x", "/a.*", "(", "/a/?b", ".*", "/a/[[:x]|/x", "\\Q/a/(\\E|/x",
    ]

    package static func resources(_ dice: inout Dice) -> ResourceSet {
        var resources = ResourceSet()
        let namespaces = ["n1", "n2"]
        for namespace in namespaces {
            let service = Service(
                metadata: ObjectMeta(key: ObjectKey(namespace: namespace, name: "s")), clusterIPs: [IPAddress(ipv4: 1)],
                isHeadless: dice.chance(10), ports: [Service.Port(port: 80)])
            resources.services[service.metadata.key] = service
        }
        let gateway = Gateway(
            metadata: ObjectMeta(key: ObjectKey(namespace: "n1", name: "g")), gatewayClassName: "weir",
            listeners: [
                Listener(name: "a", port: 80, listenerProtocol: "HTTP", allowedNamespaces: .all),
                Listener(
                    name: "b", port: dice.chance(30) ? 80 : 81, listenerProtocol: "HTTP",
                    hostname: dice.chance(50) ? "*.b" : nil),
            ] + (0..<Int.random(in: 0...3, using: &dice)).map { secureListener("t\($0)", &dice) })
        for name in ["good", "bad"] {
            var secret = Secret(
                metadata: ObjectMeta(key: ObjectKey(namespace: "n1", name: name)), certificateChain: [1],
                privateKey: [2], defect: name == "bad" ? "broken" : nil)
            secret.dnsNames = dice.chance(50) ? ["*.b"] : []
            resources.secrets[secret.metadata.key] = secret
        }
        resources.gateways[gateway.metadata.key] = gateway
        for number in 0..<Int.random(in: 1...9, using: &dice) {
            let key = ObjectKey(namespace: dice.pick(namespaces), name: "r\(number)")
            resources.httpRoutes[key] = route(key, &dice)
        }
        return resources
    }

    package static func secureListener(_ name: String, _ dice: inout Dice) -> Listener {
        let references = (0..<Int.random(in: 0...2, using: &dice)).map { _ in
            CertificateReference(
                namespace: dice.chance(20) ? "n2" : nil, name: dice.pick(["good", "good", "bad", "none"]),
                defect: dice.chance(5) ? "broken" : nil)
        }
        return Listener(
            name: name, port: dice.pick([80, 443, 443, 8443]), listenerProtocol: dice.pick(["HTTPS", "HTTPS", "TLS"]),
            hostname: dice.pick([nil, "*.b", "x.b", "y.c"]), allowedNamespaces: .all,
            tls: ListenerTLS(
                mode: dice.chance(20) ? .passthrough : .terminate, certificateRefs: references),
            defect: dice.chance(5) ? "broken" : nil)
    }

    package static func route(_ key: ObjectKey, _ dice: inout Dice) -> HTTPRoute {
        var parents: [ParentReference] = []
        if dice.chance(50) { parents.append(ParentReference(namespace: "n1", name: "g")) }
        if dice.chance(20) { parents.append(ParentReference(group: "", kind: "Service", namespace: "n1", name: "s")) }
        if dice.chance(20) {
            parents.append(ParentReference(kind: "HTTPRoute", namespace: "n1", name: "r\(dice.next() % 9)"))
        }
        var metadata = ObjectMeta(key: key, creationTimestamp: dice.chance(50) ? Int64(dice.next() % 5) : nil)
        if dice.chance(60) { metadata.labels["delegation.kgateway.dev/label"] = dice.pick(["l", "m"]) }
        if dice.chance(40) { metadata.annotations["delegation.kgateway.dev/inherit-parent-matcher"] = "yes" }
        return HTTPRoute(
            metadata: metadata, parentRefs: parents, hostnames: dice.chance(20) ? ["x.b"] : [],
            rules: (0..<Int.random(in: 1...3, using: &dice)).map { _ in rule(&dice) })
    }

    package static func rule(_ dice: inout Dice) -> HTTPRouteRule {
        let matches = (0..<Int.random(in: 1...3, using: &dice)).map { _ in match(&dice) }
        let references = (0..<Int.random(in: 0...2, using: &dice)).map { _ in reference(&dice) }
        var filters: [HTTPRouteFilter] = []
        if dice.chance(10) { filters.append(.unusable(type: "X", reason: "unknown")) }
        if dice.chance(15) { filters.append(.urlRewrite(URLRewrite(path: .replacePrefixMatch("/z")))) }
        if dice.chance(10) { filters.append(.requestRedirect(RequestRedirect(scheme: "https"))) }
        return HTTPRouteRule(
            matches: matches, hasImpliedMatch: dice.chance(10), filters: filters, backendRefs: references,
            defect: dice.chance(5) ? "broken" : nil)
    }

    package static func match(_ dice: inout Dice) -> HTTPRouteMatch {
        var match = HTTPRouteMatch()
        if dice.chance(85) {
            match.path =
                dice.chance(20)
                ? PathMatch(.regularExpression, dice.pick(expressions))
                : PathMatch(dice.chance(30) ? .exact : .prefix, dice.pick(paths))
        }
        if dice.chance(20) {
            match.headers = [ValueMatch(name: dice.pick(["x", "y"]), value: "1", isRegularExpression: dice.chance(20))]
        }
        if dice.chance(10) { match.method = "GET" }
        if dice.chance(5) { match.defect = "broken" }
        return match
    }

    package static func reference(_ dice: inout Dice) -> BackendReference {
        let namespace = dice.chance(40) ? dice.pick(["n1", "n2", "all"]) : nil
        switch Int.random(in: 0..<5, using: &dice) {
        case 0:
            return BackendReference(
                namespace: namespace, name: dice.pick(["s", "none"]), port: 80, weight: dice.chance(20) ? 0 : 1)
        case 1:
            return BackendReference(
                group: "gateway.networking.k8s.io", kind: "HTTPRoute", namespace: namespace, name: "*")
        case 2:
            return BackendReference(
                group: "gateway.networking.k8s.io", kind: "HTTPRoute", namespace: namespace, name: "r\(dice.next() % 9)"
            )
        case 3:
            return BackendReference(
                group: "delegation.kgateway.dev", kind: "label", namespace: namespace, name: dice.pick(["l", "m"]))
        default: return BackendReference(name: "s", port: 80)
        }
    }
}
