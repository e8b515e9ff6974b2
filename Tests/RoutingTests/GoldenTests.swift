import Foundation
import GatewayAPI
import Kubernetes
import Routing
import Testing

/// Resources in, plan and status out. A new case is a new folder with an `input.yaml`, whose first line may be
/// `# scope: gateway NS/NAME` or `# scope: sidecar NS/POD` (default: cluster). `WEIR_UPDATE_GOLDEN=1` writes the
/// outputs.
@Suite struct GoldenTests {
    static let folder = PlanFixture.root.appending(path: "Tests/Fixtures/routing")
    static let isUpdating = ProcessInfo.processInfo.environment["WEIR_UPDATE_GOLDEN"] == "1"

    static var cases: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
    }

    @Test(arguments: cases) func planAndStatusAreAsRecorded(_ name: String) throws {
        let place = Self.folder.appending(path: name)
        let input = try String(contentsOf: place.appending(path: "input.yaml"), encoding: .utf8)
        let plan = RoutePlanner.plan(
            resources: try PlanFixture.resources(input), scope: try #require(Self.scope(of: input)))
        try compare(GoldenText.plan(plan), with: place.appending(path: "plan.txt"))
        try compare(GoldenText.status(plan.statuses), with: place.appending(path: "status.txt"))
    }

    @Test func casesExist() { #expect(!Self.cases.isEmpty) }

    private func compare(_ text: String, with file: URL) throws {
        if Self.isUpdating { return try text.write(to: file, atomically: true, encoding: .utf8) }
        #expect(text == (try String(contentsOf: file, encoding: .utf8)), "\(file.path)")
    }

    private static func scope(of input: String) -> PlanScope? {
        guard let line = input.split(separator: "\n").first, line.hasPrefix("# scope: ") else { return .cluster }
        let words = line.split(separator: " ").dropFirst(2).map(String.init)
        guard words.count == 2, let key = ObjectKey(words[1]) else { return nil }
        return words[0] == "gateway" ? .gateway(key) : .sidecar(pod: key, addresses: [])
    }
}

enum PlanFixture {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized

    static func resources(_ texts: String...) throws -> ResourceSet {
        var resources = ResourceSet()
        for text in texts {
            for object in try ManifestParser.parse(Array(text.utf8), file: "input.yaml").objects {
                let resource = object.resource ?? object.remains.map { .unservedRoute($0) }
                if let resource { resources.insert(resource) }
            }
        }
        return resources
    }

    /// A Secret with a text that looks like a certificate; nobody reads it here.
    static func certificate(_ key: ObjectKey, text: String = "MIIB", dnsNames: [String] = []) -> Secret {
        var secret = Secret(
            metadata: ObjectMeta(key: key), certificateChain: pem("CERTIFICATE", text),
            privateKey: pem("PRIVATE KEY", text))
        secret.dnsNames = dnsNames
        return secret
    }

    static func pem(_ label: String, _ text: String) -> [UInt8] {
        Array("-----BEGIN \(label)-----\n\(text)\n-----END \(label)-----\n".utf8)
    }
}
