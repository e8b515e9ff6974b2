package import GatewayAPI

/// Runs a command in a container of a pod, through the API server (`pods/exec` over WebSocket, subprotocol
/// `v4.channel.k8s.io`), and collects what it writes.
package final class PodCommand {
    /// What the command wrote, and how it ended.
    package struct Output: Hashable, Sendable {
        package var standardOutput: [UInt8] = []
        package var standardError: [UInt8] = []
        /// nil when the server did not say; 0 is success.
        package var exitCode: Int?
    }

    /// The first byte of each message (kubernetes.io, "WebSocket executor").
    private enum Channel {
        static let output: UInt8 = 1
        static let error: UInt8 = 2
        static let status: UInt8 = 3
    }

    /// Nanoseconds for all of it.
    private static let timeout: UInt64 = 60_000_000_000
    /// Bytes of each of the two streams that are kept.
    package static let outputBytes = 256 << 20

    private let transport: any APITransport
    private let request: APIRequest
    private let done: (Result<Output, PodCommandError>) -> Void
    private var output = Output()
    private var isTooLong = false

    /// - Parameters:
    ///   - command: program and arguments.
    ///   - done: called once.
    package init(
        transport: any APITransport, pod: ObjectKey, container: String, command: [String],
        done: @escaping (Result<Output, PodCommandError>) -> Void
    ) {
        self.transport = transport
        self.done = done
        let kind = APIKind(group: "", versions: ["v1"], plural: "pods", kind: "Pod")
        let query = [
            (name: "container", value: container), (name: "stdout", value: "true"), (name: "stderr", value: "true"),
        ]
        request = APIRequest(
            .get, kind.path(version: "v1", namespace: pod.namespace, name: pod.name, subresource: "exec"),
            query: query + command.map { (name: "command", value: $0) }, timeout: Self.timeout, pieces: .messages)
    }

    package func start() {
        transport.stream(request, opened: {}, piece: { [self] in take($0) }) { [self] result in ended(result) }
    }

    private func take(_ message: ArraySlice<UInt8>) {
        guard let channel = message.first else { return }
        let bytes = message.dropFirst()
        switch channel {
        case Channel.output: append(bytes, to: \.standardOutput)
        case Channel.error: append(bytes, to: \.standardError)
        case Channel.status: output.exitCode = Self.exitCode(Array(bytes)) ?? output.exitCode
        default: break
        }
    }

    private func append(_ bytes: ArraySlice<UInt8>, to stream: WritableKeyPath<Output, [UInt8]>) {
        guard output[keyPath: stream].count + bytes.count <= Self.outputBytes else {
            isTooLong = true
            return
        }
        output[keyPath: stream] += bytes
    }

    /// The exit code in a `Status` object: 0 for success, the cause `ExitCode` where there is one.
    private static func exitCode(_ body: [UInt8]) -> Int? {
        guard let status = try? JSONReader.node(body) else { return nil }
        if status["status"]?.stringValue == "Success" { return 0 }
        let causes = status["details"]?["causes"]?.elements ?? []
        let code = causes.first { $0["reason"]?.stringValue == "ExitCode" }?["message"]?.stringValue.flatMap { Int($0) }
        return code ?? 1
    }

    private func ended(_ result: Result<APIResponse, APIError>) {
        switch result {
        case .failure(let error): done(.failure(PodCommandError("the API server \(error)")))
        case .success(let response) where response.status != 101:
            done(.failure(PodCommandError("the API server answered \(response.status), \(response.explanation)")))
        case .success where isTooLong:
            done(.failure(PodCommandError("the command wrote more than the \(Self.outputBytes) bytes allowed")))
        case .success: done(.success(output))
        }
    }
}

/// Why a command in a pod came to nothing.
package struct PodCommandError: Error, Hashable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
