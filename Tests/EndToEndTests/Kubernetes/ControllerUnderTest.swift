import APIServer
import Foundation
import GatewayAPI
import Glibc

/// A running `weir controller` on an API server of the test.
final class ControllerUnderTest {
    let api: APIServer
    let folder: TestFolder
    let process: ChildProcess
    /// `first` serves the API, `second` the webhook.
    let ports: Ports.Block

    init(_ api: APIServer, name: String = "one", flags: [String] = []) throws {
        self.api = api
        folder = try TestFolder()
        ports = try Ports.block()
        try folder.write("kubeconfig", api.kubeconfig())
        process = try ChildProcess(
            [
                WeirBinary.path(), "controller", "--kubeconfig", folder.path + "/kubeconfig", "--telemetry",
                "127.0.0.1:\(ports.telemetry)", "--webhook", "127.0.0.1:\(ports.second)", "--serve",
                "127.0.0.1:\(ports.first)",
            ] + flags, environment: ["POD_NAME": "weir-controller-\(name)"], folder: folder.path)
    }

    func waitUntilReady() throws {
        try eventually("readiness of the controller: \(process.standardError)") {
            guard process.isRunning else { throw Failure("weir ended: \(process.standardError)") }
            return (try? telemetry("/healthz/ready").status) == 200
        }
    }

    func telemetry(_ path: String) throws -> Message { try TCPStream(port: ports.telemetry).get(path) }

    var isLeader: Bool {
        (try? telemetry("/metrics"))?.text.contains("\nweir_controller_leader 1\n") ?? false
    }

    func stop() {
        process.end()
        folder.remove()
    }
}
