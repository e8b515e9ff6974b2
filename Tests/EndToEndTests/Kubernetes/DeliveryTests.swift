import APIServer
import Foundation
import Testing

/// What is delivered to clusters, in the hands of a real kubectl.
@Suite struct DeliveryTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    /// `make test` names it; scripts/install-tools.sh puts it in this place.
    private static let kubectl =
        ProcessInfo.processInfo.environment["KUBECTL"] ?? root + "/.tools/bin/kubectl"

    private func apply(_ path: String) throws -> (status: Int32, output: String) {
        let api = try APIServer()
        defer { api.stop() }
        let folder = try TestFolder()
        try folder.write("kubeconfig", api.kubeconfig())
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.kubectl)
        process.arguments = [
            "--kubeconfig", folder.path + "/kubeconfig", "--cache-dir", folder.path + "/cache", "apply",
            "--dry-run=client", "--validate=false", "--recursive", "-f", Self.root + "/" + path,
        ]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }

    @Test func kubectlTakesTheRenderedChart() throws {
        let (status, output) = try apply("deploy/kubernetes/weir.yaml")
        #expect(status == 0, "\(output)")
        for object in [
            "deployment.apps/weir-controller", "gatewayclass.gateway.networking.k8s.io/weir",
            "mutatingwebhookconfiguration.admissionregistration.k8s.io/weir-injector",
            "clusterrole.rbac.authorization.k8s.io/weir-proxy",
        ] {
            #expect(output.contains("\(object) created (dry run)"), "\(output)")
        }
    }

    @Test func kubectlTakesTheRolesAndTheExamples() throws {
        for path in ["deploy/roles", "deploy/examples"] {
            let (status, output) = try apply(path)
            #expect(status == 0, "\(output)")
            #expect(output.contains("created (dry run)"))
        }
    }
}
