import GatewayAPI

/// Objects as an API server hands them out.
enum ClusterObjects {
    static func meta(
        _ name: String, _ namespace: String = "", labels: [String: String] = [:], annotations: [String: String] = [:]
    ) -> Node {
        var node: Node = .mapping(["name": .string(name)])
        if !namespace.isEmpty { node.set("namespace", .string(namespace)) }
        if !labels.isEmpty { node.set("labels", .strings(labels)) }
        if !annotations.isEmpty { node.set("annotations", .strings(annotations)) }
        return node
    }

    static func service(
        _ name: String, _ namespace: String = "ana", port: Int64 = 80, selector: [String: String] = [:],
        labels: [String: String] = [:], annotations: [String: String] = [:]
    ) -> Node {
        .mapping([
            "apiVersion": "v1", "kind": "Service",
            "metadata": meta(name, namespace, labels: labels, annotations: annotations),
            "spec": .mapping([
                "clusterIP": "10.0.0.1", "selector": .strings(selector),
                "ports": [.mapping(["name": "http", "port": .integer(port)])],
            ]),
        ])
    }

    static func slice(_ name: String, of service: String, _ namespace: String = "ana", address: String = "10.1.0.1")
        -> Node
    {
        .mapping([
            "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
            "metadata": meta(name, namespace, labels: ["kubernetes.io/service-name": service]),
            "addressType": "IPv4", "ports": [.mapping(["name": "http", "port": 8080])],
            "endpoints": [
                .mapping([
                    "addresses": [.string(address)], "nodeName": "node-1",
                    "targetRef": .mapping([
                        "kind": "Pod", "namespace": .string(namespace), "name": .string(name + "-pod"),
                    ]),
                ])
            ],
        ])
    }

    static func pod(_ name: String, _ namespace: String = "ana", labels: [String: String]) -> Node {
        .mapping([
            "apiVersion": "v1", "kind": "Pod", "metadata": meta(name, namespace, labels: labels),
            "spec": .mapping(["containers": [.mapping(["name": "app", "image": "app"])]]),
        ])
    }

    /// - Parameter parents: `Service/name`, `Gateway/name` or `HTTPRoute/name`, in the route's namespace or as
    ///   `Service/ns/name`.
    static func route(
        _ name: String, _ namespace: String = "ana", parents: [String], labels: [String: String] = [:],
        path: String = "/"
    ) -> Node {
        .mapping([
            "apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute",
            "metadata": meta(name, namespace, labels: labels),
            "spec": .mapping([
                "parentRefs": .sequence(parents.map(parent)),
                "rules": [
                    .mapping([
                        "matches": [.mapping(["path": .mapping(["type": "PathPrefix", "value": .string(path)])])],
                        "backendRefs": [.mapping(["name": "a", "port": 80])],
                    ])
                ],
            ]),
        ])
    }

    private static func parent(_ text: String) -> Node {
        let parts = text.split(separator: "/").map(String.init)
        var node: Node = .mapping([
            "group": .string(parts[0] == "Service" ? "" : "gateway.networking.k8s.io"), "kind": .string(parts[0]),
            "name": .string(parts[parts.count - 1]),
        ])
        if parts.count == 3 { node.set("namespace", .string(parts[1])) }
        return node
    }

    static func gatewayClass(_ name: String, controller: String) -> Node {
        .mapping([
            "apiVersion": "gateway.networking.k8s.io/v1", "kind": "GatewayClass", "metadata": meta(name),
            "spec": .mapping(["controllerName": .string(controller)]),
        ])
    }

    static func gateway(_ name: String, _ namespace: String = "ana", className: String) -> Node {
        .mapping([
            "apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway", "metadata": meta(name, namespace),
            "spec": .mapping([
                "gatewayClassName": .string(className),
                "listeners": [.mapping(["name": "http", "port": 80, "protocol": "HTTP"])],
            ]),
        ])
    }

    static func secret(_ name: String, _ namespace: String = "ana") -> Node {
        .mapping([
            "apiVersion": "v1", "kind": "Secret", "metadata": meta(name, namespace), "type": "kubernetes.io/tls",
            "data": .mapping(["tls.crt": "eA==", "tls.key": "eA=="]),
        ])
    }
}
