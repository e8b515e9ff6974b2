package import GatewayAPI

/// A kind of objects as an API server serves it.
package struct APIKind: Hashable, Sendable {
    /// Empty for the core group.
    package var group: String
    /// The versions that can be read, best first; whichever of them the server serves is used.
    package var versions: [String]
    /// Lower-case plural, as in paths.
    package var plural: String
    package var kind: String
    package var isNamespaced: Bool

    package init(group: String, versions: [String], plural: String, kind: String, isNamespaced: Bool = true) {
        self.group = group
        self.versions = versions
        self.plural = plural
        self.kind = kind
        self.isNamespaced = isNamespaced
    }

    /// The path of the kind's objects in one version: of all namespaces, of one, or one object.
    package func path(version: String, namespace: String? = nil, name: String? = nil, subresource: String? = nil)
        -> String
    {
        var path = group.isEmpty ? "/api/\(version)" : "/apis/\(group)/\(version)"
        if isNamespaced, let namespace { path += "/namespaces/\(namespace)" }
        path += "/\(plural)"
        if let name { path += "/\(name)" }
        if let subresource { path += "/\(subresource)" }
        return path
    }

    /// `group/version`, or the version alone for the core group.
    package func apiVersion(_ version: String) -> String { group.isEmpty ? version : "\(group)/\(version)" }
}

extension ResourceKind {
    package var api: APIKind {
        APIKind(group: group, versions: versions, plural: plural, kind: rawValue, isNamespaced: isNamespaced)
    }

    private var plural: String {
        switch self {
        case .gatewayClass: "gatewayclasses"
        case .backendTLSPolicy: "backendtlspolicies"
        case .backendTrafficPolicy: "xbackendtrafficpolicies"
        default: rawValue.lowercased() + "s"
        }
    }
}
