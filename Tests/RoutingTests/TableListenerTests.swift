import GatewayAPI
import Testing

@testable import Routing

/// SNI chooses the listener of a connection; the Host of each request has to belong to it.
@Suite struct TableListenerTests {
    /// The listeners of the suite's `same-namespace-with-https-listener`, and one that takes no stranger.
    private static let table: RouteTable = {
        func listener(_ name: String, _ hostname: String?, port: UInt16 = 443, isTLS: Bool = true) -> PlannedListener {
            PlannedListener(
                gateway: TableFixture.key("gw"), name: name, port: port, hostname: hostname,
                matches: [PlannedMatch(path: PathMatch(.prefix, "/"), rule: 0, rank: TableFixture.rank())],
                isUsable: true, tls: isTLS ? PlannedTLS(certificates: []) : nil)
        }
        var plan = RoutePlan()
        plan.rules = [TableFixture.rule()]
        plan.listeners = [
            listener("any", nil), listener("second", "second-example.org"), listener("wild", "*.wildcard.org"),
            listener("fourth", "fourth-example.wildcard.org"), listener("strict", "only.example.org", port: 8443),
            listener("plain", nil, port: 80, isTLS: false),
        ]
        return RouteTable(plan: plan)
    }()

    private func name(_ frontend: Int32) -> String? {
        frontend < 0 ? nil : String(decoding: Self.table.frontendName(frontend), as: UTF8.self)
    }

    @Test(
        "Own, misdirected (421) or unknown (404), as the suite's matrix has it",
        arguments: [
            ("example.org", "example.org", "any", .own), ("example.org", "second-example.org", "any", .misdirected),
            ("example.org", "unknown-example.org", "any", .own),
            ("second-example.org", "second-example.org", "second", .own),
            ("SECOND-example.org.", "Second-Example.org", "second", .own),
            ("second-example.org", "example.org", "second", .misdirected),
            ("second-example.org", "unknown-example.org", "second", .misdirected),
            ("third-example.wildcard.org", "third-example.wildcard.org", "wild", .own),
            ("third-example.wildcard.org", "fifth-example.wildcard.org", "wild", .own),
            ("third-example.wildcard.org", "fourth-example.wildcard.org", "wild", .misdirected),
            ("third-example.wildcard.org", "second-example.org", "wild", .misdirected),
            ("third-example.wildcard.org", "unknown-example.org", "wild", .misdirected),
            ("fourth-example.wildcard.org", "fourth-example.wildcard.org", "fourth", .own),
            ("fourth-example.wildcard.org", "fifth-example.wildcard.org", "fourth", .misdirected),
            ("unknown-example.org", "example.org", "any", .own), ("", "example.org", "any", .own),
            ("", "second-example.org", "any", .misdirected), ("wildcard.org", "wildcard.org", "any", .own),
        ] as [(String, String, String, HostVerdict)])
    func matrix(serverName: String, host: String, listener: String, verdict: HostVerdict) {
        let group = Self.table.listenerGroup(443)
        let chosen = serverName.withBytes { Self.table.frontend(group, serverName: $0) }
        #expect(name(chosen) == "ns/gw/\(listener)")
        #expect(host.withBytes { Self.table.verdict(group, listener: chosen, host: $0) } == verdict)
    }

    @Test func aNameThatNoListenerTakesIsUnknown() {
        let group = Self.table.listenerGroup(8443)
        let chosen = "only.example.org".withBytes { Self.table.frontend(group, serverName: $0) }
        #expect(name(chosen) == "ns/gw/strict")
        #expect("else.example.org".withBytes { Self.table.verdict(group, listener: chosen, host: $0) } == .unknown)
        // Such a connection is refused: no certificate is meant for it.
        #expect("else.example.org".withBytes { Self.table.frontend(group, serverName: $0) } == -1)
        #expect("".withBytes { Self.table.frontend(group, serverName: $0) } == -1)
    }

    @Test func groupsAndFrontendsKnowWhetherTheyEndTLS() {
        #expect(Self.table.isTLS(Self.table.listenerGroup(443)))
        #expect(!Self.table.isTLS(Self.table.listenerGroup(80)) && !Self.table.isTLS(-1))
        let https = "x".withBytes { Self.table.frontend(Self.table.listenerGroup(443), host: $0) }
        let http = "x".withBytes { Self.table.frontend(Self.table.listenerGroup(80), host: $0) }
        #expect(Self.table.frontend(https).isTLS && !Self.table.frontend(http).isTLS)
    }
}
