/// What is said of a watch's troubles.
extension WatchMachine {
    var subject: String { kind.group.isEmpty ? kind.plural : "\(kind.plural).\(kind.group)" }

    func reason(_ refusal: Refusal, _ step: Step) -> String {
        let verb = if case .list = step { "list" } else { "watch" }
        let words = refusal.message.isEmpty ? "" : ": \(refusal.message)"
        guard refusal.status == 403 else {
            return
                "\(subject): \(server) answers \(verb) with \(refusal.status)\(words); what is known stays in use"
        }
        let group = kind.group.isEmpty ? "the core API group" : "API group \(kind.group)"
        return
            "\(subject): \(verb) of \(kind.plural) in \(group) is forbidden\(words); a Role or ClusterRole must allow get, list and watch"
    }
}
