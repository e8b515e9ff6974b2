import Foundation

/// Kubernetes objects as text, in the namespace `shop` unless they say otherwise.
enum Manifest {
    /// A Gateway `shop/edge` with a listener `web` on port 80, and what else is listed.
    static func gateway(_ listeners: String = "- {name: web, protocol: HTTP, port: 80}") -> String {
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: edge, namespace: shop}
        spec:
          gatewayClassName: weir
          listeners:
        \(indent(listeners, 2))

        """
    }

    /// A Service with a port 80 and one EndpointSlice per endpoint port.
    static func service(
        _ name: String, namespace: String = "shop", clusterIP: String = "None", port: Int = 80,
        appProtocol: String? = nil,
        annotations: String = "{}", host: String = "127.0.0.1", endpoints: [Int]
    ) -> String {
        let declared = appProtocol.map { ", appProtocol: \($0)" } ?? ""
        let service = """
            apiVersion: v1
            kind: Service
            metadata: {name: \(name), namespace: \(namespace), annotations: \(annotations)}
            spec:
              clusterIP: "\(clusterIP)"
              clusterIPs: ["\(clusterIP)"]
              ports: [{name: main, port: \(port)\(declared)}]

            """
        let slices = endpoints.enumerated().map { position, target in
            slice("\(name)-\(position)", of: name, namespace: namespace, host: host, port: target)
        }
        return ([service] + slices).joined(separator: "---\n")
    }

    static func slice(
        _ name: String, of service: String, namespace: String = "shop", host: String = "127.0.0.1", port: Int,
        portName: String = "main", conditions: String = "{ready: true}"
    ) -> String {
        """
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: \(name), namespace: \(namespace), labels: {kubernetes.io/service-name: \(service)}}
        addressType: \(host.contains(":") ? "IPv6" : "IPv4")
        endpoints: [{addresses: ["\(host)"], conditions: \(conditions)}]
        ports: [{name: \(portName), port: \(port)}]

        """
    }

    /// An HTTPRoute for the Gateway `shop/edge` unless `parent` says otherwise.
    static func route(
        _ name: String, namespace: String = "shop", parent: String = "{name: edge, namespace: shop}",
        hostnames: String = "[]", labels: String = "{}", annotations: String = "{}", _ rules: String
    ) -> String {
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: \(name), namespace: \(namespace), labels: \(labels), annotations: \(annotations)}
        spec:
          parentRefs: [\(parent)]
          hostnames: \(hostnames)
          rules:
        \(indent(rules, 2))

        """
    }

    /// A Secret of type kubernetes.io/tls.
    static func secret(
        _ name: String, namespace: String = "shop", _ pair: (certificate: [UInt8], key: [UInt8])
    ) -> String {
        """
        apiVersion: v1
        kind: Secret
        metadata: {name: \(name), namespace: \(namespace)}
        type: kubernetes.io/tls
        data:
          tls.crt: \(Data(pair.certificate).base64EncodedString())
          tls.key: \(Data(pair.key).base64EncodedString())

        """
    }

    /// An entry of the Gateway's listeners on port 8080 that ends TLS.
    static func https(_ name: String, hostname: String? = nil, secrets: String...) -> String {
        let host = hostname.map { "hostname: \"\($0)\", " } ?? ""
        let references = secrets.map { "{name: \($0)}" }.joined(separator: ", ")
        return "- {name: \(name), protocol: HTTPS, port: 8080, \(host)tls: {certificateRefs: [\(references)]}}"
    }

    /// A rule that sends everything to one Service.
    static func everything(to service: String, _ more: String = "") -> String {
        "- backendRefs: [{name: \(service), port: 80}]\n\(indent(more, 2))"
    }

    static func list(_ objects: [String]) -> String { objects.joined(separator: "---\n") }

    private static func indent(_ text: String, _ count: Int) -> String {
        text.split(separator: "\n").map { String(repeating: " ", count: count) + $0 }.joined(separator: "\n")
    }
}
