/// GatewayClasses and Gateways as users write them: YAML documents, each with its mark before it, that can be strung
/// together.
package enum GatewayManifests {
    /// A listener in flow style.
    package static let http = "{name: http, port: 80, protocol: HTTP}"

    /// A listener in flow style.
    ///
    /// - Parameter certificate: a reference in flow style, as `{name: web}`.
    package static func https(_ name: String = "https", certificate: String) -> String {
        "{name: \(name), port: 443, protocol: HTTPS, tls: {certificateRefs: [\(certificate)]}}"
    }

    /// A class of Weir's controller.
    package static func gatewayClass(_ name: String = "weir") -> String {
        """
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: GatewayClass
        metadata: {name: \(name)}
        spec: {controllerName: weir.dev/gateway-controller}

        """
    }

    /// - Parameter listeners: the list, in flow style.
    package static func gateway(
        _ name: String, in namespace: String, className: String = "weir", listeners: String = "[\(http)]"
    ) -> String {
        """
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: \(name), namespace: \(namespace)}
        spec: {gatewayClassName: \(className), listeners: \(listeners)}

        """
    }
}
