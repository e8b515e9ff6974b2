internal import GatewayAPI
internal import Injection
package import Kubernetes

/// Asks the API server for pods, page by page, and through it each proxy for its status.
package final class MeshStatusQuery {
    private static let podKind = APIKind(group: "", versions: ["v1"], plural: "pods", kind: "Pod")
    private static let pageSize = 500
    /// Proxies asked at once.
    private static let width = 8
    private static let timeout: UInt64 = 5_000_000_000

    private let transport: any APITransport
    private let namespace: String?
    private let done: (Result<MeshStatus, MeshStatusError>) -> Void
    private var waiting: [ProxyPod] = []
    private var underWay = 0
    private var entries: [MeshStatus.Entry] = []

    /// - Parameters:
    ///   - namespace: nil for all.
    ///   - done: called once.
    package init(
        transport: any APITransport, namespace: String?, done: @escaping (Result<MeshStatus, MeshStatusError>) -> Void
    ) {
        self.transport = transport
        self.namespace = namespace
        self.done = done
    }

    package func start() { list(continuation: nil) }

    private func list(continuation: String?) {
        var query = [(name: "limit", value: String(Self.pageSize))]
        if let continuation { query.append((name: "continue", value: continuation)) }
        let request = APIRequest(.get, Self.podKind.path(version: "v1", namespace: namespace), query: query)
        transport.send(request) { [self] result in listed(result) }
    }

    private func listed(_ result: Result<APIResponse, APIError>) {
        switch result {
        case .failure(let error):
            done(.failure(MeshStatusError("the API server \(error)")))
        case .success(let response) where response.isSuccess:
            guard let page = try? JSONReader.node(response.body) else {
                done(.failure(MeshStatusError("the list of pods is no JSON")))
                return
            }
            waiting += (page["items"]?.elements ?? []).compactMap(ProxyPod.init)
            if let next = page["metadata"]?["continue"]?.stringValue, !next.isEmpty {
                list(continuation: next)
            } else {
                askNext()
            }
        case .success(let response):
            done(.failure(MeshStatusError(refusal(response))))
        }
    }

    private func refusal(_ response: APIResponse) -> String {
        let said = "\(response.status), \(response.explanation)"
        guard response.status == 403 else { return "pods cannot be listed: \(said)" }
        guard let namespace else {
            return
                "no right to list the pods of all namespaces (\(said)); name one with --namespace (-n) where you have it"
        }
        return """
            no right to list the pods of namespace \(namespace) (\(said)); \
            'kubectl auth can-i list pods -n \(namespace)' tells when you have it
            """
    }

    private func askNext() {
        while underWay < Self.width, let pod = waiting.popLast() {
            guard pod.phase == "Running" else {
                entries.append(MeshStatus.Entry(pod: pod, silence: "the pod is \(pod.phase)"))
                continue
            }
            ask(pod)
        }
        if underWay == 0, waiting.isEmpty { done(.success(MeshStatus(entries: entries))) }
    }

    private func ask(_ pod: ProxyPod) {
        underWay += 1
        let path = Self.podKind.path(
            version: "v1", namespace: pod.key.namespace, name: "\(pod.key.name):\(InjectionNames.telemetryPort)",
            subresource: "proxy/status")
        transport.send(APIRequest(.get, path, timeout: Self.timeout)) { [self] result in
            underWay -= 1
            entries.append(Self.entry(pod, result))
            askNext()
        }
    }

    private static func entry(_ pod: ProxyPod, _ result: Result<APIResponse, APIError>) -> MeshStatus.Entry {
        switch result {
        case .failure(let error):
            return MeshStatus.Entry(pod: pod, silence: "the API server \(error)")
        case .success(let response) where response.isSuccess:
            guard let report = (try? JSONReader.node(response.body)).flatMap(ProxyReport.init) else {
                return MeshStatus.Entry(pod: pod, silence: "what answers is no Weir proxy of this kind")
            }
            return MeshStatus.Entry(pod: pod, report: report)
        case .success(let response) where response.status == 403:
            return MeshStatus.Entry(pod: pod, silence: "may not be asked", isForbidden: true)
        case .success(let response):
            return MeshStatus.Entry(
                pod: pod, silence: "port \(InjectionNames.telemetryPort) does not answer (\(response.status))")
        }
    }
}

/// Why there is no status of the mesh.
package struct MeshStatusError: Error, CustomStringConvertible {
    package var description: String

    init(_ description: String) {
        self.description = description
    }
}
