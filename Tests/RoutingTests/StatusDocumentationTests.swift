import Foundation
import Testing

/// docs/status.md speaks of every condition and reason that the tests' manifests lead to.
@Suite struct StatusDocumentationTests {
    @Test func everyReasonIsExplained() throws {
        let root = PlanFixture.root
        let page = try String(contentsOf: root.appending(path: "docs/status.md"), encoding: .utf8)
        var texts = [
            try String(contentsOf: root.appending(path: "Tests/Fixtures/conformance-status.txt"), encoding: .utf8)
        ]
        for name in GoldenTests.cases {
            texts.append(
                try String(contentsOf: GoldenTests.folder.appending(path: "\(name)/status.txt"), encoding: .utf8))
        }
        var reasons: Set<Substring> = []
        for text in texts {
            for found in text.matches(of: /([A-Z][A-Za-z]+)=(True|False)\/([A-Za-z]+)/) {
                reasons.formUnion([found.output.1, found.output.3])
            }
        }
        #expect(reasons.count > 20)
        for reason in reasons.sorted() { #expect(page.contains("`\(reason)`"), "\(reason)") }
    }
}
