import Foundation
import GatewayAPI
import Injection
import Kubernetes
import Testing

/// Manifests in, injected manifests out. A new case is a new folder with an `input.yaml`, whose first line may be
/// `# settings: NAME=VALUE ...` with the names of `GoldenSettings`. `WEIR_UPDATE_GOLDEN=1` writes the outputs.
@Suite struct InjectionGoldenTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Fixtures/injection")
        .standardized
    static let isUpdating = ProcessInfo.processInfo.environment["WEIR_UPDATE_GOLDEN"] == "1"

    static var cases: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
    }

    @Test func casesExist() { #expect(Self.cases.count >= 14) }

    @Test(arguments: cases) func outputIsAsRecorded(_ name: String) throws {
        let place = Self.folder.appending(path: name)
        let input = try String(contentsOf: place.appending(path: "input.yaml"), encoding: .utf8)
        let injection = ManifestInjection(injector: Injector(settings: try GoldenSettings.read(input)))
        var text = ""
        for document in try Self.documents(input) {
            let (injected, reports) = injection.inject(document)
            text += "---\n" + reports.map(Self.comment).joined() + YAMLWriter.text(injected)
        }
        let file = place.appending(path: "output.yaml")
        if Self.isUpdating { return try text.write(to: file, atomically: true, encoding: .utf8) }
        #expect(text == (try String(contentsOf: file, encoding: .utf8)), "\(file.path)")
    }

    @Test(arguments: cases) func injectingTwiceIsInjectingOnce(_ name: String) throws {
        let input = try String(contentsOf: Self.folder.appending(path: "\(name)/input.yaml"), encoding: .utf8)
        let injection = ManifestInjection(injector: Injector(settings: try GoldenSettings.read(input)))
        for document in try Self.documents(input) {
            let (once, reports) = injection.inject(document)
            let (twice, again) = injection.inject(once)
            #expect(YAMLWriter.text(once) == YAMLWriter.text(twice))
            #expect(again.map(\.result.problems) == reports.map(\.result.problems))
        }
    }

    @Test(arguments: cases) func outputIsReadBackAsItWasMeant(_ name: String) throws {
        let input = try String(contentsOf: Self.folder.appending(path: "\(name)/input.yaml"), encoding: .utf8)
        let injection = ManifestInjection(injector: Injector(settings: try GoldenSettings.read(input)))
        for document in try Self.documents(input) {
            let injected = injection.inject(document).document
            let read = try Self.documents(YAMLWriter.text(injected))
            #expect(read.map(\.withoutLines) == [injected.withoutLines])
        }
    }

    static func documents(_ text: String) throws -> [Node] {
        try YAMLReader.documents(Array(text.utf8)).map(\.root)
    }

    private static func comment(_ report: ManifestInjection.Report) -> String {
        var lines = report.result.problems.map { "\($0.severity.rawValue): \($0.oneLine)" }
        switch report.result.outcome {
        case .injected: break
        case .skipped(let reason): lines.append("\(report.object): skipped: \(reason)")
        case .refused(let reason): lines.append("\(report.object): refused: \(reason)")
        }
        return lines.map { "# \($0)\n" }.joined()
    }
}

enum GoldenSettings {
    static func read(_ input: String) throws -> InjectionSettings {
        var settings = InjectionSettings(image: "registry.example.com/weir:1.0", version: "1.0")
        guard let line = input.split(separator: "\n").first, line.hasPrefix("# settings: ") else { return settings }
        for word in line.split(separator: " ").dropFirst(2) {
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            try #require(parts.count == 2)
            switch parts[0] {
            case "sidecar": settings.sidecar = try #require(SidecarMode(rawValue: parts[1]))
            case "delay": settings.terminationDelay = try #require(UInt64(parts[1]))
            case "pull-policy": settings.imagePullPolicy = parts[1]
            case "pull-secrets": settings.imagePullSecrets = parts[1].split(separator: ",").map(String.init)
            case "exclude-cidrs": settings.excludeOutboundCIDRs = parts[1]
            case "exclude-inbound": settings.excludeInboundPorts = parts[1]
            case "ipv6": settings.ipv6 = parts[1]
            case "allow": settings.allowedProxyRepositories = [parts[1]]
            case "via":
                settings.kubernetesVia = parts[1]
                settings.kubernetesViaCA = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
            default: Issue.record("unknown setting \(parts[0])")
            }
        }
        return settings
    }
}

extension Node {
    /// For comparing what a text says, not where.
    var withoutLines: Node {
        switch value {
        case .sequence(let nodes): Node(.sequence(nodes.map(\.withoutLines)))
        case .mapping(let entries):
            Node(.mapping(entries.map { Entry(key: $0.key, value: $0.value.withoutLines) }))
        default: Node(value)
        }
    }
}
