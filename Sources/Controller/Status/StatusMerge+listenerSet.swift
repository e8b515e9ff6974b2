internal import GatewayAPI
internal import Routing

extension StatusMerge {
    /// A ListenerSet's conditions. Nothing in them tells whose they are: those that say what this controller says go
    /// when it has nothing to say any more, and others' stay.
    /// - Parameter wanted: nil when the set names no Gateway of ours.
    static func listenerSet(_ wanted: [Condition]?, current: Node, now: String) -> Node? {
        let conditions = current["conditions"]?.elements ?? []
        guard let wanted else {
            let kept = conditions.filter { $0["message"]?.stringValue != UnservedListenerSet.message }
            return changes([("conditions", kept)], to: current)
        }
        let merge = ConditionMerge(owned: Owned.listenerSet, now: now)
        return changes([("conditions", merge.merge(wanted, into: conditions))], to: current)
    }
}
