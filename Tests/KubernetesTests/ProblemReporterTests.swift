import GatewayAPI
import Kubernetes
import Testing

@Suite struct ProblemReporterTests {
    @Test func anErrorIsLoggedOnceItHasLastedWithoutAnyChange() throws {
        let test = try LoopTest()
        var told: [ProblemLog.News] = []
        let reporter = ProblemReporter(on: test.loop, patience: 20_000_000) { told.append($0) }
        let problem = Problem(severity: .error, id: .unreadableSource, object: "https://server", message: "away")
        reporter.update([problem])
        #expect(told.allSatisfy { $0.begun.isEmpty })
        #expect(test.run { told.last?.begun == [problem] })
        reporter.update([])
        #expect(told.last?.over == "over after 1 s: https://server: away")
    }
}
