import Testing

@testable import Interception

/// Real connections through real rules, in namespaces of the test's own. Needs root.
@Suite("Redirection in a network namespace", .serialized)
struct RedirectionTests {
    @Test("Connections go where the rules say", arguments: BackendKind.allCases)
    func connections(kind: BackendKind) throws {
        let network = try PodNetwork()
        let folder = try ProgramFolder(kind)
        defer { folder.remove() }
        let programs = folder.environment
        let options = try RedirectOptions(
            excludeInboundPorts: "9000-9001,15001", excludeOutboundPorts: "5432,15000-15010",
            excludeOutboundCIDRs: "10.98.0.0/16,fd98::/16")
        let report = try network.pod.perform { try InterceptCommand.install(options, environment: programs) }
        #expect(report.contains("IPv4: rules installed (iptables-\(kind.rawValue))"))
        #expect(report.contains("IPv6: rules installed (ip6tables-\(kind.rawValue))"))

        try expectConnections(
            network, out: "10.99.0.1", pod: "10.99.0.2", loopback: "127.0.0.1",
            excluded: "10.98.0.1", elsewhere: "203.0.113.9")
        try expectConnections(
            network, out: "fd99::1", pod: "fd99::2", loopback: "::1",
            excluded: "fd98::1", elsewhere: "2001:db8::9")

        _ = try network.pod.perform { try InterceptCommand.remove(environment: programs) }
        #expect(try network.arrival(from: network.outside, to: "10.99.0.2", 8080) == "app")
        #expect(try network.arrival(from: network.pod, to: "fd99::1", 80) == "remote")
    }

    private func expectConnections(
        _ network: PodNetwork, out: String, pod: String, loopback: String, excluded: String, elsewhere: String
    ) throws {
        // Inbound.
        #expect(try network.arrival(from: network.outside, to: pod, 8080) == "inbound for \(pod) 8080")
        #expect(try network.arrival(from: network.outside, to: pod, 15006) == "inbound for \(pod) 15006")
        #expect(try network.arrival(from: network.outside, to: pod, 15020) == "telemetry")
        #expect(try network.arrival(from: network.outside, to: pod, 9001) == "excluded")
        // Outbound.
        #expect(try network.arrival(from: network.pod, to: out, 80) == "outbound for \(out) 80")
        #expect(try network.arrival(from: network.pod, uid: 0, gid: 0, to: out, 80) == "outbound for \(out) 80")
        #expect(try network.arrival(from: network.pod, to: elsewhere, 443) == "outbound for \(elsewhere) 443")
        #expect(try network.arrival(from: network.pod, to: out, 5432) == "remoteDatabase")
        #expect(try network.arrival(from: network.pod, to: excluded, 80) == "remote")
        // The proxy's own, by user or by group.
        #expect(try network.arrival(from: network.pod, uid: 1337, to: out, 80) == "remote")
        #expect(try network.arrival(from: network.pod, gid: 1337, to: out, 80) == "remote")
        #expect(try network.arrival(from: network.pod, uid: 1337, to: pod, 8080) == "app")
        // The proxy's check of the rules: each door is reached at the other's port, whoever asks, whatever is excluded.
        for uid: UInt32 in [1337, 1000] {
            let check = { port in try network.arrival(from: network.pod, uid: uid, gid: uid, to: loopback, port) }
            #expect(try check(15006) == "outbound for \(loopback) 15006")
            #expect(try check(15001) == "inbound for \(loopback) 15001")
        }
        // The pod to itself.
        #expect(try network.arrival(from: network.pod, to: pod, 8080) == "app")
        #expect(try network.arrival(from: network.pod, to: loopback, 8080) == "app")
    }
}
