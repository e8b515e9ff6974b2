import Foundation
import Injection
import Testing

@testable import GatewayAPI

/// `weir check` knows the labels and annotations that something of Weir's reads, and no others: a new reader without an
/// entry in `KnownKeys` would have what it reads called unknown.
@Suite struct KnownKeysTests {
    @Test(arguments: InjectionAnnotation.allCases)
    func whatAPodMayCarryIsKnownToCheck(_ annotation: InjectionAnnotation) {
        #expect(KnownKeys.isKnown(annotation.key, .annotation, on: "Pod"))
    }

    @Test func whatCheckKnowsOfPodsTheInjectionReads() {
        // Written on what the controller makes, pods included.
        let made: Set<String> = ["weir.dev/gateway", "weir.dev/applied-hash"]
        let known = KnownKeys.all.filter {
            $0.place == .annotation && $0.kinds.contains("Pod") && !made.contains($0.name)
        }
        #expect(known.allSatisfy { InjectionAnnotation(key: $0.name) != nil }, "\(known.map(\.name))")
    }

    /// Every name of our domains that the sources write out.
    @Test func everyNameInTheSourcesIsKnown() throws {
        // Names of controllers and of an audience, and beginnings of names.
        let others: Set<String> = [
            "weir.dev/gateway-controller", "weir.dev/mesh-controller", "weir.dev/fan-out", "weir.dev/",
            "delegation.kgateway.dev/", "kgateway.dev/",
        ]
        let known = Set(KnownKeys.all.map(\.name))
        let written = try Self.text(under: "Sources", endingIn: ".swift").matches(
            of: /"((?:weir|kgateway|delegation\.kgateway)\.dev\/[A-Za-z0-9._-]*)/
        ).map { String($0.output.1) }
        #expect(written.contains("weir.dev/route-enforcement"))
        #expect(Set(written).subtracting(known).subtracting(others) == [])
    }

    @Test func everyKnownNameIsInTheDocs() throws {
        let page =
            try Self.text(under: "docs", endingIn: "annotations.md")
            + Self.text(under: "docs", endingIn: "controller.md")
        // The second name of a pair is written without its beginning.
        let missing = Set(KnownKeys.all.map(\.name)).filter { name in
            !page.contains(name) && !page.contains("`-\(name.split(separator: "-").suffix(2).joined(separator: "-"))`")
        }
        #expect(missing == [])
    }

    private static func text(under folder: String, endingIn end: String) throws -> String {
        let root = URL(filePath: #filePath).appending(path: "../../../\(folder)").standardized
        let files =
            FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)?.allObjects as? [URL] ?? []
        return try files.filter { $0.path.hasSuffix(end) }.map { try String(contentsOf: $0, encoding: .utf8) }
            .joined(separator: "\n")
    }
}
