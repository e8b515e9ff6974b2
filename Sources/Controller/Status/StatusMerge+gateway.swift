internal import GatewayAPI
internal import Routing

extension StatusMerge {
    /// A Gateway's conditions, listeners and, where this controller provides them, addresses. Members that are not ours
    /// (`attachedListenerSets`) are not mentioned, so that they stay as they are.
    static func gateway(_ wanted: GatewayStatus, current: Node, now: String) -> Node? {
        let merge = ConditionMerge(owned: Owned.gateway, now: now)
        let conditions = current["conditions"]?.elements ?? []
        var lists = [
            ("conditions", merge.merge(wanted.conditions, into: conditions)),
            ("listeners", listeners(wanted.listeners, current: current["listeners"]?.elements ?? [], now: now)),
        ]
        if let addresses = wanted.addresses {
            lists.append(("addresses", self.addresses(addresses, current: current["addresses"]?.elements ?? [])))
        }
        return changes(lists, to: current)
    }

    /// In the order of the spec; a listener that is gone from there is gone here.
    private static func listeners(_ wanted: [ListenerStatus], current: [Node], now: String) -> [Node] {
        let merge = ConditionMerge(owned: Owned.listener, now: now)
        var byName: [String: Node] = [:]
        for node in current { byName[node["name"]?.stringValue ?? ""] = node }
        var seen: Set<String> = []
        // The list is keyed by name: a name that cannot be one, or is there already, would have the whole refused.
        return wanted.filter { !$0.name.isEmpty && seen.insert($0.name).inserted }.prefix(StatusLimits.listeners).map {
            status in
            var node = byName[status.name] ?? .mapping([:])
            node.set("name", .string(status.name))
            node.set("attachedRoutes", .integer(Int64(status.attachedRoutes)))
            if node["supportedKinds"] == nil || kinds(node) != status.supportedKinds {
                node.set("supportedKinds", .sequence(status.supportedKinds.map(Self.node)))
            }
            let conditions = merge.merge(status.conditions, into: node["conditions"]?.elements ?? [])
            node.set("conditions", .sequence(conditions))
            return node
        }
    }

    private static func kinds(_ listener: Node) -> [RouteGroupKind] {
        (listener["supportedKinds"]?.elements ?? []).map { kind in
            RouteGroupKind(
                group: kind["group"]?.stringValue ?? "gateway.networking.k8s.io",
                kind: kind["kind"]?.stringValue ?? "")
        }
    }

    private static func node(of kind: RouteGroupKind) -> Node {
        .mapping(["group": .string(kind.group), "kind": .string(kind.kind)])
    }

    private static func addresses(_ wanted: [GatewayAddress], current: [Node]) -> [Node] {
        wanted.prefix(StatusLimits.addresses).filter { !$0.value.isEmpty }.map { address in
            let known = current.first {
                ($0["type"]?.stringValue ?? GatewayAddress.ipAddress) == address.type
                    && $0["value"]?.stringValue == address.value
            }
            return known ?? .mapping(["type": .string(address.type), "value": .string(address.value)])
        }
    }
}
