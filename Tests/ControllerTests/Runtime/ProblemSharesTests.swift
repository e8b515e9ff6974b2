import GatewayAPI
import Testing

@testable import Controller

@Suite struct ProblemSharesTests {
    private func problem(_ object: String, _ message: String = "m") -> Problem {
        Problem(severity: .error, id: .invalidValue, object: object, message: message)
    }

    @Test func oneNamespacesProblemsDoNotHideAnothers() {
        let noisy = (0..<1000).map { problem("HTTPRoute loud/r\($0)") }
        let picked = ProblemShares.pick(noisy + [problem("Gateway quiet/web"), problem("Secret loud/cert")])
        #expect(picked.map(\.object) == (0..<5).map { "HTTPRoute loud/r\($0)" } + ["Gateway quiet/web"])
    }

    @Test func whatIsInNoNamespaceHasAShareOfItsOwn() {
        let classes = (0..<9).map { problem("GatewayClass c\($0)") }
        #expect(ProblemShares.pick(classes + [problem("cluster")]).count == 5)
    }
}
