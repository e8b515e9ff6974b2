import GatewayAPI
import Reactor
import Telemetry
import Testing

@testable import Proxy

/// How loud a proxy is about what.
@Suite struct ProblemLinesTests {
    private static let sidecar = ProxyOptions.Role.sidecar(
        pod: ObjectKey(namespace: "ana", name: "app"), addresses: [], outboundPort: 15001, inboundPort: 15006)
    private static let gateway = ProxyOptions.Role.gateway(
        ObjectKey(namespace: "ana", name: "edge"), bind: ProxyOptions.anyAddress(port: 0), portOffset: 0)

    private func problem(_ object: String) -> Problem {
        Problem(severity: .error, id: .invalidValue, object: object, message: "x")
    }

    private func levels(_ objects: [String], _ role: ProxyOptions.Role) -> [LogLevel] {
        ProblemLines(objects.map(problem), of: role).lines.map(\.level)
    }

    @Test func aSidecarIsLoudAboutItsOwnNamespacesRoutesOnly() {
        #expect(levels(["HTTPRoute ana/a"], Self.sidecar) == [.error])
        #expect(levels(["HTTPRoute ian/a"], Self.sidecar) == [.warn])
        #expect(levels(["HTTPRoute anastasia/a"], Self.sidecar) == [.warn])
        #expect(levels(["https://10.0.0.1:443"], Self.sidecar) == [.error])
    }

    @Test func aGatewayIsLoudAboutAll() {
        #expect(levels(["HTTPRoute ana/a", "HTTPRoute ian/a"], Self.gateway) == [.error, .error])
    }

    @Test func neighboursDoNotCrowdOutWhatIsOnesOwn() {
        let foreign = (0..<30).map { "HTTPRoute ian/\($0)" }
        let lines = ProblemLines((foreign + ["HTTPRoute ana/a"]).map(problem), of: Self.sidecar).lines
        #expect(lines.count == ProblemLines.limit + 1)
        #expect(lines.first == .init(level: .error, text: "HTTPRoute ana/a: x"))
        #expect(lines.last == .init(level: .warn, text: "11 more problems; weir check lists them"))
        let own = (0..<30).map { "HTTPRoute ana/\($0)" }
        #expect(levels(foreign + own, Self.sidecar).allSatisfy { $0 == .error })
    }
}
