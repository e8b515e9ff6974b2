/// A policy of some other implementation, recognized by its targets (GEP-713): whoever comes from there must not lose,
/// without a word, what it demanded.
enum ForeignPolicy {
    private static let targetsShown = 3
    private static let targetsRead = 16

    /// What is to be said about an object of a group that Weir does not know; nil when it targets nothing that Weir
    /// serves.
    static func warning(_ document: Node) -> String? {
        let spec = document["spec"]
        let references =
            (spec?["targetRefs"]?.elements ?? []).prefix(targetsRead) + [spec?["targetRef"]].compactMap(\.self)
        let targets = references.compactMap(target)
        guard !targets.isEmpty else { return nil }
        let shown = targets.prefix(targetsShown).joined(separator: ", ")
        let more = targets.count > targetsShown ? " and \(targets.count - targetsShown) more" : ""
        return "is another implementation's policy for \(shown)\(more); where Weir serves that, it is not carried out"
    }

    private static func target(_ reference: Node) -> String? {
        let group = reference["group"]?.stringValue ?? ""
        guard let name = reference["kind"]?.stringValue, let kind = ResourceKind(rawValue: name),
            kind.group == group || (group == "core" && kind.group.isEmpty),
            [.gateway, .gatewayClass, .httpRoute, .service, .backend].contains(kind)
        else { return nil }
        return "\(kind.rawValue) \(reference["name"]?.stringValue ?? "*")"
    }
}
