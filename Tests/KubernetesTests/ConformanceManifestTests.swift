import Foundation
import GatewayAPI
import Kubernetes
import Testing

/// Manifests of the Gateway API conformance suite: real input that nobody here wrote.
@Suite struct ConformanceManifestTests {
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fixtures/conformance")

    private static let files: [String] = ["base", "mesh", "tests", "tests-mesh"].flatMap { folder in
        let folder = root.appending(path: folder)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? []
        return names.sorted().filter { $0.hasSuffix(".yaml") }.map { folder.appending(path: $0).path() }
    }

    @Test func everyFileLoadsAndOnlyWhatIsNotImplementedIsAnError() throws {
        #expect(Self.files.count > 150)
        for file in Self.files {
            let manifest = try ManifestParser.parse([UInt8](try Data(contentsOf: URL(filePath: file))), file: file)
            for problem in manifest.problems {
                #expect(Self.isExpected(problem), "\(problem)")
            }
            #expect(manifest.objects.allSatisfy { $0.resource != nil }, "\(file)")
        }
    }

    private static func isExpected(_ problem: Problem) -> Bool {
        if [.unservedKind, .unservedField, .unservedFilter].contains(problem.id) { return true }
        guard problem.severity == .error else { return problem.message.contains("not implemented") }
        // Bad on purpose.
        return problem.object.hasSuffix("/malformed-certificate") || problem.value.hasPrefix("PLACEHOLDER_")
    }

    @Test func theFolderHoldsWhatTheSuiteSetsUp() {
        let state = ManifestFolder.load(Self.root.appending(path: "base").path())
        #expect(state.problems.isEmpty)
        #expect(state.resources.gateways.count >= 3)
        #expect(state.resources.services.count >= 5)
        #expect(state.resources.namespaces["gateway-conformance-infra"] != nil)
    }
}
