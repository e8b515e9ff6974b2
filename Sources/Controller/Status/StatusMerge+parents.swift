internal import GatewayAPI
internal import Routing

extension StatusMerge {
    /// A list in a status that several controllers write, each entry about one object that the owner of the status
    /// refers to.
    struct ParentList {
        var key: String
        /// The member of an entry that says which object it is about.
        var reference: String
        var limit: Int

        /// Of routes.
        static let parents = ParentList(key: "parents", reference: "parentRef", limit: StatusLimits.parents)
        /// Of policies. One that is full must be left as it is (GEP-713).
        static let ancestors = ParentList(
            key: "ancestors", reference: "ancestorRef", limit: StatusLimits.ancestors)
    }

    /// The `parents` of a route, or the `ancestors` of a policy: others' entries keep their place and their content,
    /// ours are updated in place, stale ones of ours go, new ones come last. The list is atomic at the server, so it is
    /// written whole or not at all.
    static func parents(
        _ wanted: [RouteParentStatus], current: Node, namespace: String, now: String, list: ParentList = .parents
    ) -> Node? {
        let merge = ConditionMerge(owned: Owned.routeParent, now: now)
        let entries = current[list.key]?.elements ?? []
        var left = wanted
        var merged: [Node] = []
        for entry in entries {
            guard isOurs(entry) else {
                merged.append(entry)
                continue
            }
            let controller = entry["controllerName"]?.stringValue
            let position = left.firstIndex {
                $0.controllerName == controller
                    && ParentIdentity($0.parentRef, namespace) == ParentIdentity(entry[list.reference], namespace)
            }
            guard let position else { continue }
            let status = left.remove(at: position)
            merged.append(update(entry, to: status, merge, list))
        }
        for status in left where merged.count < list.limit {
            merged.append(update(.mapping([:]), to: status, merge, list))
        }
        return changes([(list.key, merged)], to: current)
    }

    static func isOurs(_ entry: Node) -> Bool {
        let controller = entry["controllerName"]?.stringValue
        return controller == RoutePlanner.gatewayController || controller == RoutePlanner.meshController
    }

    private static func update(
        _ entry: Node, to status: RouteParentStatus, _ merge: ConditionMerge, _ list: ParentList
    ) -> Node {
        var entry = entry
        let reference = node(of: status.parentRef)
        // As the route wrote it: a reader finds its parentRef by comparing the members.
        if !isSame(entry[list.reference], reference) { entry.set(list.reference, reference) }
        entry.set("controllerName", .string(status.controllerName))
        let conditions = merge.merge(status.conditions, into: entry["conditions"]?.elements ?? [])
        entry.set("conditions", .sequence(conditions))
        return entry
    }

    private static func node(of parent: ParentReference) -> Node {
        var node: Node = .mapping(["group": .string(parent.group), "kind": .string(parent.kind)])
        node.set("namespace", parent.namespace.map { .string($0) })
        node.set("name", .string(parent.name))
        node.set("sectionName", parent.sectionName.map { .string($0) })
        node.set("port", parent.port.map { .integer(Int64($0)) })
        return node
    }

    /// The same members, in whatever order the server keeps them.
    private static func isSame(_ current: Node?, _ wanted: Node) -> Bool {
        guard let current, current.members.count == wanted.members.count else { return false }
        return wanted.members.allSatisfy { current[$0.key] == $0.value }
    }
}

/// Which parent an entry speaks of, with the defaults filled in.
private struct ParentIdentity: Hashable {
    var group: String
    var kind: String
    var namespace: String
    var name: String
    var sectionName: String?
    var port: Int64?

    init(_ parent: ParentReference, _ routeNamespace: String) {
        group = parent.group
        kind = parent.kind
        namespace = parent.namespace ?? routeNamespace
        name = parent.name
        sectionName = parent.sectionName
        port = parent.port.map(Int64.init)
    }

    init(_ node: Node?, _ routeNamespace: String) {
        group = node?["group"]?.stringValue ?? "gateway.networking.k8s.io"
        kind = node?["kind"]?.stringValue ?? "Gateway"
        namespace = node?["namespace"]?.stringValue ?? routeNamespace
        name = node?["name"]?.stringValue ?? ""
        sectionName = node?["sectionName"]?.stringValue
        port = node?["port"]?.integerValue
    }
}
