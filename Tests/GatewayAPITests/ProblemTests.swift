import Foundation
import GatewayAPI
import Testing

@Suite struct ProblemTests {
    private let problem = Problem(
        severity: .error, id: .unknownField, object: "HTTPRoute a/b", field: "spec.rule", message: "is not known")

    @Test func aReportEndsWithTheIdOfTheKindOfMistake() {
        #expect(problem.report == "error: HTTPRoute a/b: spec.rule: is not known [WEIR0101]")
    }

    @Test func jsonHasTheIdBesideWhatItAlwaysHad() {
        guard case .object(let members) = problem.json else { Issue.record("no object"); return }
        #expect(
            Set(members.map(\.0)) == ["severity", "id", "file", "line", "object", "field", "value", "message"])
        #expect(problem.json.text().contains("\"id\": \"WEIR0101\""))
    }

    @Test func idsHaveFourDigits() {
        #expect(ProblemID.allCases.allSatisfy { $0.description.utf8.count == 8 })
    }

    @Test func theDocsListEveryIdInOrderAndNoOther() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/check.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let listed = text.matches(of: /\| `(WEIR\d{4})` \|/).map { String($0.output.1) }
        #expect(listed == ProblemID.allCases.map(\.description))
    }
}
