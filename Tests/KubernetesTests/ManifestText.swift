import GatewayAPI
import Kubernetes
import Testing

/// Short ways to write manifests in tests.
enum ManifestText {
    static func parse(_ text: String) throws -> ParsedManifest {
        try ManifestParser.parse(Array(text.utf8), file: "a.yaml")
    }

    /// The single resource of a text that has no problem.
    static func resource(_ text: String) throws -> Resource {
        let manifest = try parse(text)
        #expect(manifest.problems == [])
        return try #require(manifest.objects.first?.resource)
    }

    static func route(_ spec: String) throws -> (route: HTTPRoute, problems: [Problem]) {
        let manifest = try parse(routeText("shop", spec))
        guard case .httpRoute(let route)? = manifest.objects.first?.resource else {
            throw YAMLError("no route: \(manifest.problems)")
        }
        return (route, manifest.problems)
    }

    /// - Parameter spec: YAML in flow style.
    static func routeText(_ name: String, _ spec: String) -> String {
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: \(name), namespace: ana}
        spec: \(spec)

        """
    }

    static func sliceText(_ name: String, service: String, address: String) -> String {
        """
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: \(name), namespace: ana, labels: {kubernetes.io/service-name: \(service)}}
        addressType: IPv4
        ports: [{name: http, port: 8080}]
        endpoints: [{addresses: [\(address)]}]

        """
    }
}
