import GatewayAPI
import Testing

@testable import Kubernetes

@Suite struct YAMLAdviceTests {
    private func advice(_ text: String, line: Int) -> String? { YAMLAdvice.of(Array(text.utf8), line: line) }

    @Test func aTabThatIndentsIsNamed() {
        #expect(advice("a:\n\t- b\n", line: 2)?.contains("tab") == true)
        #expect(advice("a:\n  \t- b", line: 2)?.contains("tab") == true)
        #expect(advice("a:\n- b\tc\n", line: 2) == nil)
    }

    @Test func aTemplateIsNamed() {
        #expect(advice("{{- if .Values.x }}\na: b\n", line: 1)?.contains("template") == true)
        #expect(advice("a: {b: {c: d}\n", line: 1) == nil)
    }

    @Test(arguments: [0, -1, 3, Int.max]) func aLineThatIsNotThereSaysNothing(_ line: Int) {
        #expect(advice("\ta\n", line: line) == nil)
    }

    @Test func theErrorOfAFileHasIt() throws {
        let folder = try TemporaryFolder()
        try folder.write("a.yaml", "a:\n\t- b\n")
        #expect(ManifestFolder.load(folder.path).problems.map { $0.message.contains("only spaces indent") } == [true])
    }
}
