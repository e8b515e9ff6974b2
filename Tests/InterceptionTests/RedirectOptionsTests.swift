import Testing

@testable import Interception

@Suite("Values of flags")
struct RedirectOptionsTests {
    @Test("Ports are sorted, merged and de-duplicated, so that equal sets give equal rules")
    func portsAreCanonical() throws {
        let list = try PortList(parsing: " 8005-8010,80, 8000-8006 ,81,80", flag: "--x")
        #expect(list.multiportArguments == ["80:81,8000:8010"])
        #expect(try PortList(parsing: "", flag: "--x").multiportArguments.isEmpty)
        #expect(try PortList(parsing: "1-65535,65535", flag: "--x").multiportArguments == ["1:65535"])
    }

    @Test("A multiport match takes 15 slots, and a range takes two of them")
    func portsAreSplit() throws {
        let sixteen = (1...16).map { "\($0 * 10)" }.joined(separator: ",")
        let arguments = try PortList(parsing: sixteen, flag: "--x").multiportArguments
        #expect(arguments.map { $0.split(separator: ",").count } == [15, 1])
        let ranges = (1...8).map { "\($0 * 10)-\($0 * 10 + 1)" }.joined(separator: ",")
        #expect(
            try PortList(parsing: ranges, flag: "--x").multiportArguments
                == ["10:11,20:21,30:31,40:41,50:51,60:61,70:71", "80:81"])
    }

    @Test(
        "Bad ports are refused",
        arguments: [
            "0", "65536", "80,", ",", "a", "10-5", "1-2-3", "-5", "+5", "80 81", "8000:8010", "99999999999999999999",
            "٣",
        ])
    func badPorts(text: String) {
        #expect(throws: InterceptError.self) { try RedirectOptions(excludeInboundPorts: text) }
        #expect(throws: InterceptError.self) { try RedirectOptions(excludeOutboundPorts: text) }
    }

    @Test(
        "Bad networks are refused",
        arguments: [
            "10.0.0.0/0", "10.0.0.0/33", "::/0", "fd00::/129", "10.0.0/8", "010.0.0.0/8", "x", "10.0.0.0/",
            "10.0.0.0/+8", ",",
            "10.0.0.0/8/8", "fe80::1%eth0",
        ])
    func badNetworks(text: String) {
        #expect(throws: InterceptError.self) { try RedirectOptions(excludeOutboundCIDRs: text) }
    }

    @Test("Numbers out of range are refused")
    func badNumbers() {
        #expect(throws: InterceptError.self) { try RedirectOptions(proxyUID: 0) }
        #expect(throws: InterceptError.self) { try RedirectOptions(proxyUID: 4_294_967_295) }
        #expect(throws: InterceptError.self) { try RedirectOptions(inboundPort: 0) }
        #expect(throws: InterceptError.self) { try RedirectOptions(outboundPort: 65536) }
        #expect(throws: InterceptError.self) { try RedirectOptions(inboundPort: 15001) }
    }

    @Test("An error names flag, value, range and consequence")
    func errorText() {
        let error = #expect(throws: InterceptError.self) { try RedirectOptions(excludeInboundPorts: "80,70000") }
        let text = error.map { "\($0)" } ?? ""
        #expect(text.contains("--exclude-inbound-ports: '70000' is not allowed: a port 1..65535"))
        #expect(text.contains("nothing was changed"))
    }
}
