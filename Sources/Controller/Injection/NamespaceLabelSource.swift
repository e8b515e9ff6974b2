internal import GatewayAPI
internal import Injection
package import Kubernetes

/// The labels of namespaces for the webhook: from what a watch has told where that says yes, else asked for.
///
/// A watch may lag behind: a pod that comes right after its namespace was labelled must not slip through.
package final class NamespaceLabelSource {
    private static let kind = APIKind(
        group: "", versions: ["v1"], plural: "namespaces", kind: "Namespace", isNamespaced: false)
    /// Nanoseconds; the API server waits ten seconds for a webhook by default.
    private static let timeout: UInt64 = 3_000_000_000

    private let transport: any APITransport
    private let known: (String) -> [String: String]?

    /// - Parameter known: what is known without asking, nil for a namespace that is not.
    package init(transport: any APITransport, known: @escaping (String) -> [String: String]? = { _ in nil }) {
        self.transport = transport
        self.known = known
    }

    package func labels(of namespace: String, _ done: @escaping ([String: String]?) -> Void) {
        if let labels = known(namespace), labels[InjectionAnnotation.inject.key] == "enabled" { return done(labels) }
        // It becomes part of a path.
        guard ResourceName.isLabel(namespace) else { return done(nil) }
        let request = APIRequest(
            .get, Self.kind.path(version: "v1", name: namespace), timeout: Self.timeout)
        transport.send(request) { result in
            guard case .success(let response) = result, response.isSuccess,
                let object = try? JSONReader.node(response.body)
            else { return done(nil) }
            done(Self.labels(of: object))
        }
    }

    static func labels(of object: Node) -> [String: String] {
        let members = object["metadata"]?["labels"]?.members ?? []
        return Dictionary(members.compactMap { entry in entry.value.stringValue.map { (entry.key, $0) } }) { $1 }
    }
}
