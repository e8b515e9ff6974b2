import GatewayAPI

/// What a server writes into objects that leave it out: a client that compares what it wrote with what is stored meets
/// it.
enum Defaults {
    static func completed(_ node: Node, _ kind: ServedKind, addresses: inout AddressPool) -> Node {
        var node = node
        switch kind.resource {
        case "services":
            service(&node, &addresses)
            fill(&node, "status", .mapping(["loadBalancer": .mapping([:])]))
        case "namespaces": fill(&node, "status", .mapping(["phase": "Active"]))
        case "deployments.apps", "daemonsets.apps": workload(&node, kind)
        case "pods": node.update("spec") { pod(&$0) }
        case "httproutes.gateway.networking.k8s.io": route(&node)
        case "gateways.gateway.networking.k8s.io": gateway(&node)
        default: break
        }
        return node
    }

    private static func service(_ node: inout Node, _ addresses: inout AddressPool) {
        var address = node.text("spec", "clusterIP") ?? ""
        if address.isEmpty, node.text("spec", "type") != "ExternalName" { address = addresses.next() }
        node.update("spec") { spec in
            fill(&spec, "type", "ClusterIP")
            fill(&spec, "sessionAffinity", "None")
            spec.change("ports") { port in
                fill(&port, "protocol", "TCP")
                fill(&port, "targetPort", port["port"] ?? 0)
            }
            guard !address.isEmpty else { return }
            fill(&spec, "internalTrafficPolicy", "Cluster")
            fill(&spec, "ipFamilyPolicy", "SingleStack")
            spec.set("clusterIP", .string(address))
            fill(&spec, "clusterIPs", [.string(address)])
            fill(&spec, "ipFamilies", [.string(address.contains(":") ? "IPv6" : "IPv4")])
        }
    }

    private static func workload(_ node: inout Node, _ kind: ServedKind) {
        node.update("spec") { spec in
            fill(&spec, "revisionHistoryLimit", 10)
            if kind.plural == "deployments" {
                fill(&spec, "replicas", 1)
                fill(&spec, "progressDeadlineSeconds", 600)
                let limits: Node = .mapping(["maxUnavailable": "25%", "maxSurge": "25%"])
                fill(&spec, "strategy", .mapping(["type": "RollingUpdate", "rollingUpdate": limits]))
            } else {
                let limits: Node = .mapping(["maxUnavailable": 1, "maxSurge": 0])
                fill(&spec, "updateStrategy", .mapping(["type": "RollingUpdate", "rollingUpdate": limits]))
            }
            spec.update("template") { template in template.update("spec") { pod(&$0) } }
        }
    }

    private static func pod(_ spec: inout Node) {
        fill(&spec, "restartPolicy", "Always")
        fill(&spec, "dnsPolicy", "ClusterFirst")
        fill(&spec, "schedulerName", "default-scheduler")
        fill(&spec, "terminationGracePeriodSeconds", 30)
        fill(&spec, "securityContext", .mapping([:]))
        for list in ["initContainers", "containers"] {
            spec.change(list) { container in
                fill(&container, "imagePullPolicy", "IfNotPresent")
                fill(&container, "terminationMessagePath", "/dev/termination-log")
                fill(&container, "terminationMessagePolicy", "File")
                fill(&container, "resources", .mapping([:]))
                container.change("ports") { fill(&$0, "protocol", "TCP") }
                for probe in ["livenessProbe", "readinessProbe", "startupProbe"] where container[probe] != nil {
                    container.update(probe) { complete(probe: &$0) }
                }
            }
        }
        if let account = spec["serviceAccountName"] { fill(&spec, "serviceAccount", account) }
    }

    private static func complete(probe: inout Node) {
        fill(&probe, "timeoutSeconds", 1)
        fill(&probe, "periodSeconds", 10)
        fill(&probe, "successThreshold", 1)
        fill(&probe, "failureThreshold", 3)
        if probe["httpGet"] != nil { probe.update("httpGet") { fill(&$0, "scheme", "HTTP") } }
    }

    private static let gatewayGroup: Node = "gateway.networking.k8s.io"

    private static func route(_ node: inout Node) {
        node.update("spec") { spec in
            spec.change("parentRefs") { reference in
                fill(&reference, "group", gatewayGroup)
                fill(&reference, "kind", "Gateway")
            }
            spec.change("rules") { rule in
                fill(&rule, "matches", [.mapping(["path": .mapping(["type": "PathPrefix", "value": "/"])])])
                rule.change("matches") { match in
                    match.update("path") { path in
                        fill(&path, "type", "PathPrefix")
                        fill(&path, "value", "/")
                    }
                }
                rule.change("backendRefs") { reference in
                    fill(&reference, "group", "")
                    fill(&reference, "kind", "Service")
                    fill(&reference, "weight", 1)
                }
            }
        }
    }

    private static func gateway(_ node: inout Node) {
        node.update("spec") { spec in
            spec.change("listeners") { listener in
                fill(&listener, "allowedRoutes", .mapping(["namespaces": .mapping(["from": "Same"])]))
            }
        }
    }

    private static func fill(_ node: inout Node, _ name: String, _ value: Node) {
        if node[name] == nil, node.isMapping { node.set(name, value) }
    }
}

/// ClusterIPs for Services that name none, each once: 10.100.0.0 and on.
struct AddressPool {
    private var count = 0

    mutating func next() -> String {
        count += 1
        return "10.\(100 + (count >> 16 & 63)).\(count >> 8 & 255).\(count & 255)"
    }
}

extension Node {
    /// Changes the mappings of a list member in place, if there is one.
    fileprivate mutating func change(_ list: String, _ body: (inout Node) -> Void) {
        guard case .sequence(var items)? = self[list]?.value else { return }
        for index in items.indices where items[index].isMapping { body(&items[index]) }
        set(list, .sequence(items))
    }
}
