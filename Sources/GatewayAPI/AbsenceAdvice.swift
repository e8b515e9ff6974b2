/// Advice on references that lead to nothing, for whoever may see all of the resources: what may have been meant.
/// Statuses, which tenants read, name no objects of others.
package struct AbsenceAdvice {
    /// Ports or listeners that are written out.
    private static let shown = 8

    private let resources: ResourceSet

    package init(_ resources: ResourceSet) {
        self.resources = resources
    }

    /// The problem, with a word about what there is, where it says that something is missing.
    package func advising(_ problem: Problem) -> Problem {
        // What is missing for a reason that is known needs no guess.
        if problem.hasCause { return problem }
        var advised = problem
        for cause in problem.follows {
            let advice =
                cause.isNamespace
                ? grantAdvice(in: cause, for: problem)
                : ResourceID(description: cause.object).flatMap { self.advice(about: $0, problem.message) }
            guard let advice else { continue }
            advised.message += " (\(advice))"
            break
        }
        return advised
    }

    private func advice(about id: ResourceID, _ message: String) -> String? {
        if message.contains("\(id) does not exist") { return nearest(to: id).map { "\(id.kind.rawValue) \($0) does" } }
        switch id.kind {
        case .service where message.contains("Service \(id.key) has no ") && message.contains("TCP port"):
            let ports = resources.services[id.key]?.ports.filter { $0.transport == "TCP" }.map { "\($0.port)" } ?? []
            return ports.isEmpty ? "it has none" : "it has \(Self.list(ports))"
        case .gateway where message.contains("no listener of Gateway \(id.key) has "):
            let listeners = resources.gateways[id.key]?.listeners.map { "\($0.name) on port \($0.port)" } ?? []
            return listeners.isEmpty ? nil : "it has \(Self.list(listeners))"
        default: return nil
        }
    }

    /// A grant that nearly permits what none does, or that stands in the wrong namespace.
    private func grantAdvice(in cause: ProblemCause, for problem: Problem) -> String? {
        guard problem.id == .notPermitted else { return nil }
        let grants = resources.referenceGrants.values.sorted { $0.metadata.key < $1.metadata.key }
        func objects(_ grant: ReferenceGrant) -> String { "ReferenceGrant \(grant.metadata.key.namespace)/" }
        if let near = grants.first(where: { objects($0) == cause.object }) {
            let from = near.from.map { "\($0.kind)s of \($0.namespace)" }
            let to = near.to.map { $0.kind + ($0.name.map { " \($0)" } ?? "s") }
            return "ReferenceGrant \(near.metadata.key) lets \(Self.list(from)) refer to \(Self.list(to))"
        }
        // Beside who refers, where it permits nothing of others.
        let stray = grants.first { problem.concerns(namespace: $0.metadata.key.namespace) }
        return stray.map { "ReferenceGrant \($0.metadata.key) is in another namespace" }
    }

    private static func list(_ texts: [String]) -> String {
        texts.prefix(shown).joined(separator: ", ") + (texts.count > shown ? " and \(texts.count - shown) more" : "")
    }

    /// An object of the kind: of nearly that name in the namespace, or of that name in another.
    private func nearest(to id: ResourceID) -> ObjectKey? {
        let keys = keys(of: id.kind)
        let here = keys.filter { $0.namespace == id.key.namespace }.map(\.name).sorted()
        if let name = Spelling.nearest(to: id.key.name, among: here) {
            return ObjectKey(namespace: id.key.namespace, name: name)
        }
        return keys.filter { $0.name == id.key.name }.min()
    }

    private func keys(of kind: ResourceKind) -> [ObjectKey] {
        switch kind {
        case .gateway: Array(resources.gateways.keys)
        case .httpRoute: Array(resources.httpRoutes.keys)
        case .service: Array(resources.services.keys)
        case .backend: Array(resources.backends.keys)
        default: []
        }
    }
}
