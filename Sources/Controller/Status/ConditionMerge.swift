internal import GatewayAPI
internal import Routing

/// Puts conditions into a list as it stands at the API server: ours are replaced where they are, others' stay
/// untouched.
struct ConditionMerge {
    /// Condition types that this controller writes on the object: one that is not wanted any more goes.
    var owned: Set<String>
    /// RFC 3339, for conditions whose status changes.
    var now: String

    func merge(_ wanted: [Condition], into current: [Node]) -> [Node] {
        var left = wanted
        var merged: [Node] = []
        for node in current {
            let type = node["type"]?.stringValue ?? ""
            if let position = left.firstIndex(where: { $0.type == type }) {
                merged.append(update(node, to: left.remove(at: position)))
            } else if !owned.contains(type) {
                merged.append(node)
            }
        }
        // A list that others have filled must not make the server refuse the whole status.
        for condition in left where merged.count < StatusLimits.conditions {
            merged.append(update(.mapping([:]), to: condition))
        }
        return merged
    }

    private func update(_ node: Node, to condition: Condition) -> Node {
        var node = node
        let status = condition.status ? "True" : "False"
        if node["status"]?.stringValue != status || node["lastTransitionTime"]?.stringValue == nil {
            node.set("lastTransitionTime", .string(now))
        }
        node.set("type", .string(condition.type))
        node.set("status", .string(status))
        node.set("reason", .string(condition.reason))
        // People read it in a terminal, and somebody else's text may be part of it.
        node.set("message", .string(VisibleText.of(condition.message, bytes: StatusLimits.messageBytes)))
        node.set("observedGeneration", .integer(condition.observedGeneration))
        return node
    }
}
