package import GatewayAPI

/// One pod, or one pod template, that may have to be injected.
package struct InjectionRequest: Sendable {
    /// What asks for the injection where the pod itself says nothing.
    package enum Basis: Hashable, Sendable {
        /// Somebody ran `weir inject`.
        case command
        /// The labels of the pod's namespace.
        case namespace(labels: [String: String])
    }

    /// As messages name it: `Deployment shop/web`.
    package var object: String
    package var namespace: String
    package var basis: Basis
    /// A mapping with `metadata` and `spec`.
    package var pod: Node
    /// Where the pod sits in its object, with a dot at the end: `spec.template.`; empty for a Pod.
    package var fieldPrefix: String

    package init(object: String, namespace: String, basis: Basis, pod: Node, fieldPrefix: String = "") {
        self.object = object
        self.namespace = namespace
        self.basis = basis
        self.pod = pod
        self.fieldPrefix = fieldPrefix
    }

    /// The pod that a document is or makes; nil when it makes none.
    init?(_ document: Node, basis: Basis, defaultNamespace: String = "default") {
        guard let path = WorkloadKind.podTemplatePath(of: document) else { return nil }
        let namespace = document.at("metadata", "namespace")?.stringValue ?? defaultNamespace
        let name =
            document.at("metadata", "name")?.stringValue ?? document.at("metadata", "generateName")?.stringValue ?? "?"
        self.init(
            object: "\(document["kind"]?.stringValue ?? "") \(namespace)/\(name)", namespace: namespace, basis: basis,
            pod: path.reduce(Optional(document)) { $0?[$1] } ?? .mapping([:]),
            fieldPrefix: path.map { $0 + "." }.joined())
    }

    func problem(_ severity: Problem.Severity, _ field: String, _ value: String = "", _ message: String) -> Problem {
        Problem(
            severity: severity, id: .pod, object: object, field: fieldPrefix + field,
            value: VisibleText.of(value, bytes: InjectionLimits.shownBytes),
            message: message, line: 0)
    }
}
