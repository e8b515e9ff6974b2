package import GatewayAPI
package import Kubernetes

/// A kind of objects that the served API offers: what a proxy of the mesh reads of all namespaces, and nothing secret.
package struct ServedKind: Hashable, Sendable {
    package var kind: ResourceKind
    package var api: APIKind
    package var shortNames: [String]

    /// Written out, so that a kind that proxies begin to read is not served without anybody's having thought about it:
    /// Secrets never are.
    package static let all: [ServedKind] = [
        ServedKind(.namespace, ["ns"]), ServedKind(.service, ["svc"]), ServedKind(.endpointSlice),
        ServedKind(.gatewayClass, ["gc"]), ServedKind(.gateway, ["gtw"]), ServedKind(.httpRoute),
        ServedKind(.referenceGrant, ["refgrant"]), ServedKind(.backend, ["be"]),
        ServedKind(.backendTLSPolicy, ["btlspolicy"]), ServedKind(.grpcRoute), ServedKind(.tlsRoute),
        ServedKind(.tcpRoute),
    ]

    package static func of(_ kind: ResourceKind) -> ServedKind? { all.first { $0.kind == kind } }

    private init(_ kind: ResourceKind, _ shortNames: [String] = []) {
        self.kind = kind
        self.shortNames = shortNames
        api = kind.api
    }

    /// The one version that is served; all that can be read have the same fields.
    package var version: String { api.versions.first ?? "v1" }
    package var apiVersion: String { api.apiVersion(version) }
    /// `httproutes.gateway.networking.k8s.io`.
    package var resourceName: String { api.group.isEmpty ? api.plural : "\(api.plural).\(api.group)" }
}
