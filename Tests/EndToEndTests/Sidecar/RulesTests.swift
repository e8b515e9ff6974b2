import Foundation
import Testing

/// A sidecar tells whether the rules that redirect to it are there, without the privilege to read them.
@Suite struct RulesTests {
    private static let interval = "50ms"
    private static let everything = ["IPv4 outbound", "IPv4 inbound", "IPv6 outbound", "IPv6 inbound"]

    private struct Report: Decodable, Equatable {
        struct Rules: Decodable, Equatable {
            var state: String
            var lacking: [String]
        }
        var rules: Rules
    }

    private func rules(_ pod: Pod) throws -> Report.Rules {
        let text = try pod.connect("127.0.0.1", port: 15020).get("/status").text
        return try JSONDecoder().decode(Report.self, from: Data(text.utf8)).rules
    }

    private func expect(_ state: String, _ lacking: [String] = [], in pod: Pod) throws {
        let wanted = Report.Rules(state: state, lacking: lacking)
        try eventually("rules \(state) \(lacking), not \(try rules(pod)): \(pod.sidecar?.standardError ?? "")") {
            try rules(pod) == wanted
        }
    }

    private func tool(_ pod: Pod, _ line: String) throws {
        try NetworkNamespace.tool("ip netns exec \(pod.network.name) \(line)")
    }

    @Test func whatBecomesOfTheRulesIsNoticed() throws {
        let mesh = try Mesh(SidecarTests.manifests)
        defer { mesh.stop() }
        let pod = try mesh.pod("cart", number: 10, isMeshed: true, flags: ["--rules-interval", Self.interval])
        try expect("in place", in: pod)
        try pod.counts(1, "weir_redirect_rules_in_place")

        for family in ["iptables", "ip6tables"] {
            try tool(pod, "\(family) -t nat -F")
            try tool(pod, "\(family) -t nat -X")
        }
        try expect("missing", Self.everything, in: pod)
        try eventually("the metric falls") { try pod.metrics().sum("weir_redirect_rules_in_place") == 0 }
        let log = try #require(pod.sidecar).standardError.split(separator: "\n")
        let warnings = log.filter { $0.contains(" warn rules ") }.map { $0.drop { $0 != " " } }
        #expect(!warnings.isEmpty && Set(warnings).count == warnings.count, "each said once: \(warnings)")

        try pod.installRules()
        try expect("in place", in: pod)
        try tool(pod, "ip6tables -t nat -F")
        try expect("missing", ["IPv6 outbound", "IPv6 inbound"], in: pod)
        try pod.installRules()
        try expect("in place", in: pod)
        try tool(pod, "iptables -t nat -F WEIR_INBOUND")
        try expect("missing", ["IPv4 inbound"], in: pod)
        try pod.installRules()
        try expect("in place", in: pod)
        #expect(try pod.metrics().sum("weir_connections_total") == 0, "looking is nobody's connection")
        #expect(try pod.metrics().sum("weir_loop_refusals_total") == 0)
    }

    @Test func aFullWorkerTellsAsWell() throws {
        let mesh = try Mesh(SidecarTests.manifests)
        defer { mesh.stop() }
        let outside = try mesh.pod("outside", number: 12, isMeshed: false)
        _ = try outside.serve(port: 7000)
        let pod = try mesh.pod(
            "cart", number: 10, isMeshed: true, flags: ["--rules-interval", Self.interval, "--max-connections", "16"])
        let held = try (0..<40).map { _ in try pod.connect(outside.address, port: 7000) }
        try eventually("the worker is full") { try pod.metrics().sum("weir_connections_waited_total") > 0 }
        try expect("in place", in: pod)
        try tool(pod, "iptables -t nat -F")
        try expect("missing", ["IPv4 outbound", "IPv4 inbound"], in: pod)
        try pod.installRules()
        try expect("in place", in: pod)
        #expect(held.count == 40)
    }

    @Test(arguments: [("none", "none"), ("all", "missing")])
    func withoutRulesItDependsOnWhatIsExpected(expected: String, state: String) throws {
        let mesh = try Mesh(SidecarTests.manifests)
        defer { mesh.stop() }
        let pod = try mesh.pod("cart", number: 10, isMeshed: false)
        try pod.startSidecar(
            [
                "--manifests", mesh.folder.path + "/manifests", "--rules-interval", Self.interval, "--expect-rules",
                expected,
            ], redirects: false)
        try expect(state, state == "missing" ? Self.everything : [], in: pod)
        try pod.installRules()
        try expect("in place", in: pod)
    }

    @Test(arguments: [("none", "none"), ("all", "missing")])
    func rulesOfAnOlderVersionAreUnknown(expected: String, before: String) throws {
        let mesh = try Mesh(SidecarTests.manifests)
        defer { mesh.stop() }
        let outside = try mesh.pod("outside", number: 12, isMeshed: false)
        _ = try outside.serve(port: 7000)
        let pod = try mesh.pod("cart", number: 10, isMeshed: false)
        try pod.installRules()
        for family in ["iptables", "ip6tables"] {
            for chain in ["WEIR_OUTBOUND", "WEIR_OUTBOUND", "WEIR_INBOUND"] {
                try tool(pod, "\(family) -t nat -D \(chain) 1")
            }
        }
        try pod.startSidecar(
            [
                "--manifests", mesh.folder.path + "/manifests", "--rules-interval", Self.interval, "--expect-rules",
                expected,
            ], redirects: false)
        try expect(before, before == "missing" ? Self.everything : [], in: pod)
        #expect(try pod.get("/x", from: outside.address, port: 7000).status == 200)
        try expect("unknown", in: pod)
        #expect(
            try !pod.connect("127.0.0.1", port: 15020).get("/metrics").text.contains("weir_redirect_rules_in_place"))
    }
}
