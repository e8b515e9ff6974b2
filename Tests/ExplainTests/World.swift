import Explain
import Foundation
import GatewayAPI
import Kubernetes

/// Resources of two teams behind one gateway, as a user would write them.
enum World {
    static let manifests = """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: edge, namespace: infra}
        spec:
          gatewayClassName: weir
          listeners:
          - {name: http, port: 80, protocol: HTTP, hostname: "*.example.com", allowedRoutes: {namespaces: {from: All}}}
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: root, namespace: infra}
        spec:
          parentRefs: [{name: edge}]
          hostnames: [shop.example.com]
          rules:
          - matches: [{path: {type: PathPrefix, value: /payments}}]
            backendRefs:
            - {group: gateway.networking.k8s.io, kind: HTTPRoute, name: "*", namespace: payments}
          - matches: [{path: {type: PathPrefix, value: /typo}}]
            backendRefs:
            - {group: gateway.networking.k8s.io, kind: HTTPRoute, name: typo, namespace: orders}
          - name: old
            matches: [{path: {type: PathPrefix, value: /old}}]
            filters:
            - type: RequestRedirect
              requestRedirect: {statusCode: 301, path: {type: ReplacePrefixMatch, replacePrefixMatch: /new}}
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: charge, namespace: payments}
        spec:
          rules:
          - matches: [{path: {type: PathPrefix, value: /payments/charge}, method: POST, headers: [{name: X-Tenant, value: a}]}]
            timeouts: {request: 2s}
            filters:
            - type: URLRewrite
              urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /v2}}
            backendRefs:
            - {name: charge, port: 8080, weight: 3}
            - {name: missing, port: 8080, weight: 1}
          - matches: [{path: {value: /payments/idle}}]
            backendRefs: [{name: idle, port: 80}]
          - matches: [{path: {value: /payments/broken}}]
            backendRefs: [{name: missing, port: 80}]
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: charge, namespace: payments}
        spec: {clusterIP: 10.96.0.1, ports: [{port: 8080, appProtocol: http}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: idle, namespace: payments}
        spec: {clusterIP: 10.96.0.2, ports: [{port: 80, appProtocol: http}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: db, namespace: payments}
        spec: {clusterIP: 10.96.0.3, ports: [{port: 5432, appProtocol: tcp}]}
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: charge-1, namespace: payments, labels: {kubernetes.io/service-name: charge}}
        addressType: IPv4
        ports: [{port: 9000}]
        endpoints:
        - {addresses: [10.0.0.1], conditions: {ready: true}}
        - {addresses: [10.0.0.2], conditions: {ready: false, serving: false}}
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: idle-1, namespace: payments, labels: {kubernetes.io/service-name: idle}}
        addressType: IPv4
        ports: [{port: 9000}]
        endpoints: [{addresses: [10.0.0.3], conditions: {ready: false, serving: false}}]
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: typo, namespace: orders}
        spec: {rules: [{matches: [{path: {type: RegularExpression, value: "/typo/("}}], backendRefs: [{name: a, port: 80}]}]}
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: producer, namespace: payments}
        spec:
          parentRefs: [{group: "", kind: Service, name: charge, port: 8080}]
          rules: [{matches: [{path: {value: /charge}}], backendRefs: [{name: charge, port: 8080}]}]
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: consumer, namespace: web}
        spec:
          parentRefs: [{group: "", kind: Service, name: charge, namespace: payments, port: 8080}]
          rules: [{matches: [{path: {value: /other}}], backendRefs: [{name: charge, namespace: payments, port: 8080}]}]

        """

    static let edge = ExplainedFrontend.gateway(ObjectKey(namespace: "infra", name: "edge"))

    static func service(_ name: String, _ port: UInt16, from: String? = nil) -> ExplainedFrontend {
        .service(ObjectKey(namespace: "payments", name: name), port: port, from: from)
    }

    /// - Parameter more: manifests beside the others.
    static func load(_ more: String = "") throws -> SourceState {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("weir-explain-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try manifests.write(to: folder.appendingPathComponent("all.yaml"), atomically: true, encoding: .utf8)
        try more.write(to: folder.appendingPathComponent("more.yaml"), atomically: true, encoding: .utf8)
        return ManifestFolder.load(folder.path)
    }

    static func explain(
        _ frontend: ExplainedFrontend = edge, _ method: String = "GET", _ url: String, headers: [String] = []
    ) throws -> Explanation {
        let state = try load()
        let request = try ExplainedRequest(method: method, url: url, headers: headers)
        return Explainer.explain(request, at: frontend, in: state.resources, problems: state.problems)
    }
}
