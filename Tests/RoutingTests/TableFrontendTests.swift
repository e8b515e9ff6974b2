import GatewayAPI
import Reactor
import Testing

@testable import Routing

@Suite("Frontends")
struct TableFrontendTests {
    private func listener(_ name: String, _ hostname: String?, port: UInt16 = 80, rule: Int, usable: Bool = true)
        -> PlannedListener
    {
        PlannedListener(
            gateway: TableFixture.key("gw"), name: name, port: port, hostname: hostname,
            matches: [PlannedMatch(path: PathMatch(.prefix, "/\(name)"), rule: rule, rank: TableFixture.rank())],
            isUsable: usable)
    }

    @Test("The most specific listener takes the host and hides the others")
    func isolation() {
        var plan = RoutePlan()
        plan.rules = [TableFixture.rule()]
        plan.listeners = [
            listener("any", nil, rule: 0), listener("wild", "*.example.com", rule: 0),
            listener("deep", "*.foo.example.com", rule: 0), listener("exact", "abc.foo.example.com", rule: 0),
            listener("off", "off.example.com", rule: 0, usable: false), listener("other", nil, port: 81, rule: 0),
        ]
        let table = RouteTable(plan: plan)
        let group = table.listenerGroup(80)
        let cases = [
            ("bar.com", "any"), ("example.com", "any"), ("bar.example.com", "wild"), ("x.y.example.com", "wild"),
            ("bar.foo.example.com", "deep"), ("foo.example.com", "wild"), ("ABC.foo.example.com", "exact"),
            ("off.example.com", "wild"), ("", "any"), ("10.0.0.1", "any"),
        ]
        for (host, name) in cases {
            let frontend = host.withBytes { table.frontend(group, host: $0) }
            #expect(String(decoding: table.frontendName(frontend), as: UTF8.self) == "ns/gw/\(name)", "\(host)")
        }
        // Hidden, though its rule would match.
        let deep = "bar.foo.example.com".withBytes { table.frontend(group, host: $0) }
        #expect(TableFixture.matched(table, TestRequest("/wild", host: "bar.foo.example.com"), frontend: deep) == nil)
        #expect(table.listenerPorts == [80, 81])
        #expect(table.listenerGroup(82) == -1)
        #expect("x".withBytes { table.frontend(-1, host: $0) } == -1)
        #expect(table.listenerGroup(81, of: TableFixture.key("gw")) == table.listenerGroup(81))
        #expect(table.listenerGroup(81, of: TableFixture.key("no")) == -1)
    }

    @Test("Without a listener for every host an unknown one has none")
    func unknownHost() {
        var plan = RoutePlan()
        plan.rules = [TableFixture.rule()]
        plan.listeners = [listener("exact", "a.com", rule: 0)]
        let table = RouteTable(plan: plan)
        #expect("b.com".withBytes { table.frontend(0, host: $0) } == -1)
    }

    @Test("A Service is found by any of its ClusterIPs and its port")
    func services() {
        var plan = RoutePlan()
        plan.rules = [TableFixture.rule()]
        let v6 = IPAddress(high: 0xfd00_0000_0000_0000, low: 1, isIPv6: true)
        plan.services = (0..<1_000).map { index in
            PlannedService(
                service: TableFixture.key("s\(index)"), port: 80,
                clusterIPs: [IPAddress(ipv4: 0x0a60_0000 + UInt32(index))]
                    + (index == 7 ? [v6] : []), appProtocol: index == 7 ? .opaque : .http, backend: index,
                isRouted: index == 7, matches: [])
        }
        let table = RouteTable(plan: plan)
        let seven = table.service(address: IPAddress(ipv4: 0x0a60_0007), port: 80)
        #expect(table.service(address: v6, port: 80) == seven)
        #expect(table.frontend(seven).backend == 7 && table.frontend(seven).isRouted)
        #expect(table.frontend(seven).appProtocol == .opaque)
        #expect(table.service(address: IPAddress(ipv4: 0x0a60_0007), port: 81) == -1)
        #expect(table.service(address: IPAddress(ipv4: 0x0a61_0007), port: 80) == -1)
        #expect(table.service(TableFixture.key("s7"), port: 80) == seven)
        #expect(written { table.writeRoutedHeader(-1, frontend: seven, into: $0) } == "mesh ns/s7:80 -")
    }

    @Test("An empty plan answers nothing and breaks nothing")
    func empty() {
        let table = RouteTable(plan: RoutePlan())
        #expect(TestRequest("/").withView { table.match(0, $0) } == -1)
        #expect(table.service(address: IPAddress(ipv4: 1), port: 1) == -1)
        #expect(table.inboundPort(80) == -1 && table.listenerGroup(80) == -1)
    }
}

@Suite("Inbound frontends")
struct TableInboundTests {
    private func member(
        _ name: String, port: UInt16 = 80, rule: Int, enforcement: RouteEnforcement = .all
    ) -> PlannedInboundMember {
        PlannedInboundMember(
            service: TableFixture.key(name, in: "team"), servicePort: port,
            clusterIPs: [
                IPAddress(ipv4: 0x0a60_0000 + UInt32(rule)),
                IPAddress(high: 0xfd00 << 48, low: UInt64(rule), isIPv6: true),
            ],
            enforcement: enforcement, backend: rule,
            matches: [PlannedMatch(path: PathMatch(.prefix, "/\(name)"), rule: rule, rank: TableFixture.rank())],
            routes: [TableFixture.key("route-\(name)", in: "team")])
    }

    private func table(_ members: [PlannedInboundMember]) -> RouteTable {
        var plan = RoutePlan()
        plan.rules = members.indices.map { TableFixture.rule("r\($0)") }
        plan.inboundPorts = [
            PlannedInboundPort(
                port: 8080, appProtocol: .http, members: members, mergedMatches: members.flatMap(\.matches))
        ]
        return RouteTable(plan: plan)
    }

    @Test(
        "Every form of a Service's name, and its ClusterIPs, lead to its own routes; anything else to those of all",
        arguments: [
            ("web", "web"), ("WEB.", "web"), ("web.team", "web"), ("web.team.svc", "web"),
            ("web.team.svc.cluster.local", "web"),
            ("web.Team.SVC.corp.example.", "web"), ("web.other", nil), ("web.team.pod", nil), ("web.team.svcx", nil),
            ("webx", nil), ("we", nil), ("web..team", nil), ("team", nil), ("", nil), (".", nil), ("api.team", "api"),
            ("10.96.0.0", "web"), ("10.96.0.1", "api"), ("10.96.0.9", nil), ("[fd00::1]", "api"), ("[fd00::1", nil),
            ("fd00::1", nil),
            ("[]", nil),
        ] as [(String, String?)])
    func names(host: String, expected: String?) {
        let table = table([member("web", rule: 0), member("api", rule: 1)])
        let port = table.inboundPort(8080)
        let frontend = host.withBytes { table.inboundFrontend(port, host: $0) }
        let merged = table.mergedFrontend(port)
        if let expected {
            #expect(String(decoding: table.frontendName(frontend), as: UTF8.self) == "team/\(expected):80")
            #expect(TableFixture.matched(table, TestRequest("/\(expected)"), frontend: frontend) != nil)
        } else {
            #expect(frontend == merged)
        }
        #expect(TableFixture.matched(table, TestRequest("/web"), frontend: merged) == 0)
        #expect(TableFixture.matched(table, TestRequest("/api"), frontend: merged) == 1)
    }

    @Test(
        "Two ports of one Service are told apart by the Host's port, 80 when it has none; else the routes of all apply")
    func ports() {
        let table = table([member("web", port: 80, rule: 0), member("web", port: 8000, rule: 1)])
        let port = table.inboundPort(8080)
        func found(_ hostPort: UInt16) -> Int32 {
            "web".withBytes { table.inboundMember(port, host: $0, hostPort: hostPort) }
        }
        #expect(found(0) == 0 && found(80) == 0 && found(8000) == 1 && found(81) == -1)
    }

    @Test("Services that all leave enforcement to their callers protect nothing, whatever the Host")
    func off() {
        let open = table([member("web", rule: 0, enforcement: .off)])
        #expect(!open.isInboundRouted(open.inboundPort(8080)))
        let mixed = table([member("web", rule: 0, enforcement: .off), member("api", rule: 1)])
        let port = mixed.inboundPort(8080)
        #expect(mixed.isInboundRouted(port))
        #expect("web".withBytes { mixed.protection(port, host: $0, hostPort: 0, applied: nil) } == -1)
        let stranger = "else.where".withBytes { mixed.protection(port, host: $0, hostPort: 0, applied: nil) }
        #expect(stranger == mixed.mergedFrontend(port) && stranger >= 0)
    }

    @Test("Whether a route that was applied is bound to a member")
    func boundRoutes() {
        let table = table([member("web", rule: 0), member("api", rule: 1)])
        "gateway ns/gw x/y,team/route-web".withBytes { bytes in
            guard let header = RoutedHeader.parse(bytes) else {
                Issue.record("not parsed")
                return
            }
            #expect(table.isBound(0, toRouteOf: header))
            #expect(!table.isBound(1, toRouteOf: header))
        }
        "mesh team/web:80 -".withBytes { bytes in
            let header = RoutedHeader.parse(bytes)
            #expect(header.map { table.isFrontend(0, of: $0) } == true)
            #expect(header.map { table.isFrontend(1, of: $0) } == false)
        }
    }
}

@Suite("The weir-routed header")
struct TableRoutedHeaderTests {
    @Test(
        "Only the shapes that are written are read",
        arguments: [
            ("mesh a/b:80 c/d", "service a/b:80 c/d"), ("mesh a/b:80 c/d,e/f.g", "service a/b:80 c/d,e/f.g"),
            ("mesh a/b:80 -", "service a/b:80 "), ("mesh -", "podAddress  "), ("gateway a/g c/d", "gateway a/g c/d"),
            ("gateway a/g -", nil), ("gateway a/g", nil), ("mesh - -", nil), ("mesh a/b c/d", nil),
            ("mesh a/b:80", nil),
            ("mesh a/b:80 c/d,", nil), ("mesh a/b:80 ,c/d", nil), ("mesh a/b:80 c/d e", nil), ("mesh  a/b:80 -", nil),
            ("", nil), ("mesh", nil), ("Mesh -", nil), ("mesh a/b:x -", nil), ("mesh a/b:123456 -", nil),
            ("mesh A/b:80 -", nil),
            ("mesh a/b/c:80 -", nil), ("gateway a/g c/d\u{0}", nil), ("mesh a/b:80 c/d ", "service a/b:80 c/d"),
        ] as [(String, String?)])
    func shapes(value: String, expected: String?) {
        let parsed = value.withBytes { bytes in
            RoutedHeader.parse(bytes).map { "\($0.kind) \(text($0.frontend)) \(text($0.routes))" }
        }
        // Whitespace around a field's value is not the value's (RFC 9110, 5.5); a space at the end is harmless.
        #expect(parsed == expected, "\(value)")
    }

    @Test("Random bytes are read without harm, and a value beyond the limit is not believed")
    func hostile() {
        var random = SplitMix64(seed: 1)
        let alphabet = Array("mesh gateway-/:,. 09a\u{0}ÿ".utf8)
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0..<40, using: &random)).map { _ in
                alphabet.randomElement(using: &random) ?? 0
            }
            bytes.withUnsafeBytes { raw in
                if let header = RoutedHeader.parse(raw) {
                    var rest = header.routes
                    while RoutedHeader.nextRoute(&rest) != nil {}
                }
            }
        }
        let long = "mesh a/b:80 c/d" + String(repeating: ",c/d", count: 3_000)
        #expect(long.withBytes { RoutedHeader.parse($0) == nil })
    }
}
