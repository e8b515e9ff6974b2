import APIServer
import Foundation
import GatewayAPI

/// A `weir gateway` for `shop/edge` whose resources come from an API server of the test.
final class ClusterGateway {
    let api: APIServer
    let gateway: GatewayUnderTest

    /// - Parameter objects: YAML, there before the gateway starts.
    init(
        _ objects: String..., api: APIServer? = nil, token: String? = nil, tokenFile: String? = nil,
        waitsUntilReady: Bool = true
    ) throws {
        let api = try api ?? APIServer()
        self.api = api
        do {
            for object in objects { try api.put(yaml: object) }
            let folder = try TestFolder()
            gateway = try GatewayUnderTest(
                folder, source: try Self.source(api, folder, token: token, tokenFile: tokenFile),
                waitsUntilReady: waitsUntilReady)
        } catch {
            api.stop()
            throw error
        }
    }

    /// In front of one backend, with a route `web` to the Service `app`.
    convenience init(to backend: TestBackend, api: APIServer? = nil, tokenFile: String? = nil) throws {
        try self.init(
            Manifest.gatewayClass, Manifest.gateway(), Manifest.service("app", endpoints: [backend.port]),
            Manifest.route("web", Manifest.everything(to: "app")), api: api, tokenFile: tokenFile)
    }

    func stop() {
        gateway.stop()
        api.stop()
    }

    /// The flags of a proxy that reads from an API server, with a kubeconfig written into a folder.
    static func source(
        _ api: APIServer, _ folder: TestFolder, token: String? = nil, tokenFile: String? = nil
    ) throws -> [String] {
        try folder.write("kubeconfig", api.kubeconfig(token: token, tokenFile: tokenFile))
        return ["--kubernetes", "--kubeconfig", folder.path + "/kubeconfig"]
    }
}

extension Manifest {
    static let gatewayClass = """
        apiVersion: gateway.networking.k8s.io/v1
        kind: GatewayClass
        metadata: {name: weir}
        spec: {controllerName: weir.dev/gateway-controller}

        """
}

/// A client that asks one thing over and over on a thread of its own, and counts what it gets.
final class SteadyClient: @unchecked Sendable {
    private let lock = NSLock()
    private let done = DispatchSemaphore(value: 0)
    private var isStopping = false
    private var counts: [Int: Int] = [:]
    private var failure: String?

    /// - Parameter ask: a request; its status.
    init(_ ask: @escaping @Sendable () throws -> Int) {
        Thread.detachNewThread { [self] in
            while !lock.withLock({ isStopping }) {
                do {
                    note(try ask())
                } catch {
                    note(0, "\(error)")
                }
            }
            done.signal()
        }
    }

    private func note(_ status: Int, _ problem: String? = nil) {
        lock.withLock {
            counts[status, default: 0] += 1
            failure = failure ?? problem
        }
    }

    /// Why the first request without an answer got none.
    var firstFailure: String { lock.withLock { failure ?? "none" } }

    /// Whether a status has come.
    func hasSeen(_ status: Int) -> Bool { lock.withLock { counts[status] != nil } }

    var total: Int { lock.withLock { counts.values.reduce(0, +) } }

    /// How often each status came; 0 stands for no answer.
    func stop() -> [Int: Int] {
        lock.withLock { isStopping = true }
        done.wait()
        return counts
    }
}
