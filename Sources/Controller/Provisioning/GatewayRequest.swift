package import GatewayAPI

/// What a Gateway object asks for by way of infrastructure: the parts of it that routing has no use for.
package struct GatewayRequest: Hashable, Sendable {
    package struct Listener: Hashable, Sendable {
        package var port: UInt16
        /// HTTP or HTTPS.
        package var listenerProtocol: String
        /// Secrets that `tls.certificateRefs` name, permitted or not.
        package var certificates: [ObjectKey]
    }

    package struct RequestedAddress: Hashable, Sendable {
        package var type: String
        /// nil: any address of the type.
        package var value: String?
    }

    package struct ParametersReference: Hashable, Sendable {
        package var group: String
        package var kind: String
        package var namespace: String
        package var name: String
    }

    package var key: ObjectKey
    package var apiVersion: String
    package var uid: String
    package var generation: Int64
    package var className: String
    /// Those of protocols that a Weir gateway serves, in order.
    package var listeners: [Listener]
    package var labels: [String: String]
    package var annotations: [String: String]
    package var parametersRef: ParametersReference?
    package var addresses: [RequestedAddress]

    private static let listenerLimit = 64
    private static let addressLimit = 16
    private static let annotationLimit = 16

    /// nil for an object that is no Gateway of an API server: no name, no uid.
    package init?(_ object: Node) {
        guard let metadata = object["metadata"], let name = metadata["name"]?.stringValue,
            let namespace = metadata["namespace"]?.stringValue, let uid = metadata["uid"]?.stringValue,
            let spec = object["spec"], let className = spec["gatewayClassName"]?.stringValue
        else { return nil }
        key = ObjectKey(namespace: namespace, name: name)
        apiVersion = object["apiVersion"]?.stringValue ?? "gateway.networking.k8s.io/v1"
        self.uid = uid
        generation = metadata["generation"]?.integerValue ?? 0
        self.className = className
        listeners = (spec["listeners"]?.elements ?? []).prefix(Self.listenerLimit).compactMap {
            Listener($0, namespace: namespace)
        }
        let infrastructure = spec["infrastructure"]
        labels = Self.strings(infrastructure?["labels"])
        annotations = Self.strings(infrastructure?["annotations"])
        parametersRef = infrastructure?["parametersRef"].flatMap { ParametersReference($0, namespace: namespace) }
        addresses = (spec["addresses"]?.elements ?? []).prefix(Self.addressLimit).map {
            RequestedAddress(
                type: $0["type"]?.stringValue ?? GatewayAddress.ipAddress,
                value: $0["value"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 })
        }
    }

    /// Distinct, in ascending order.
    package var ports: [(port: UInt16, listenerProtocol: String)] {
        var protocols: [UInt16: String] = [:]
        for listener in listeners where protocols[listener.port] == nil {
            protocols[listener.port] = listener.listenerProtocol
        }
        return protocols.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private static func strings(_ node: Node?) -> [String: String] {
        let entries = (node?.members ?? []).prefix(annotationLimit)
        return Dictionary(
            entries.compactMap { entry in entry.value.stringValue.map { (entry.key, $0) } },
            uniquingKeysWith: { first, _ in first })
    }
}

extension GatewayRequest.Listener {
    private static let certificateLimit = 64

    fileprivate init?(_ node: Node, namespace: String) {
        guard let number = node["port"]?.integerValue, let port = UInt16(exactly: number), port > 0,
            let name = node["protocol"]?.stringValue, name == "HTTP" || name == "HTTPS"
        else { return nil }
        self.port = port
        listenerProtocol = name
        let references = name == "HTTPS" ? node["tls"]?["certificateRefs"]?.elements ?? [] : []
        certificates = references.prefix(Self.certificateLimit).compactMap { reference in
            guard reference["group"]?.stringValue ?? "" == "", reference["kind"]?.stringValue ?? "Secret" == "Secret",
                let name = reference["name"]?.stringValue
            else { return nil }
            return ObjectKey(namespace: reference["namespace"]?.stringValue ?? namespace, name: name)
        }
    }
}

extension GatewayRequest.ParametersReference {
    /// - Parameter namespace: of an object whose references are local; a GatewayClass's says its own.
    init?(_ node: Node, namespace: String?) {
        guard let kind = node["kind"]?.stringValue, let name = node["name"]?.stringValue else { return nil }
        self.init(
            group: node["group"]?.stringValue ?? "", kind: kind,
            namespace: namespace ?? node["namespace"]?.stringValue ?? "", name: name)
    }

    var isConfigMap: Bool { group.isEmpty && kind == "ConfigMap" }
    var key: ObjectKey { ObjectKey(namespace: namespace, name: name) }
    var description: String { "\(kind) \(key)" }
}

extension GatewayRequest {
    /// The Secrets this Gateway may use: its own namespace's, and those that a ReferenceGrant of their namespace permits.
    /// Whoever may write a Gateway must not get at other Secrets through the rights of its pods.
    package func permittedCertificates(_ grants: some Sequence<ReferenceGrant>) -> Set<ObjectKey> {
        let named = Set(listeners.flatMap(\.certificates))
        let foreign = named.filter { $0.namespace != key.namespace }
        let own = named.subtracting(foreign)
        guard !foreign.isEmpty else { return own }
        let granting = grants.filter { grant in
            grant.from.contains {
                $0.group == "gateway.networking.k8s.io" && $0.kind == "Gateway" && $0.namespace == key.namespace
            }
        }
        return own.union(
            foreign.filter { secret in
                granting.contains { grant in
                    grant.metadata.key.namespace == secret.namespace
                        && grant.to.contains {
                            $0.group.isEmpty && $0.kind == "Secret" && ($0.name ?? secret.name) == secret.name
                        }
                }
            })
    }
}
