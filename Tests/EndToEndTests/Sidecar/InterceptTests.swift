import Testing

/// `weir intercept` in a namespace of its own.
@Suite struct InterceptTests {
    @Test func installVerifyRemoveLeaveNothingBehind() throws {
        let namespace = try NetworkNamespace("intercept")
        defer { namespace.remove() }
        func inside(_ words: String...) throws -> (code: Int, output: String, errors: String) {
            try run(["ip", "netns", "exec", namespace.name] + words)
        }
        func intercept(_ words: String...) throws -> (code: Int, output: String, errors: String) {
            try run(["ip", "netns", "exec", namespace.name, WeirBinary.path(), "intercept"] + words)
        }
        #expect(try intercept("verify").code == 1)
        #expect(try intercept("remove").code == 0, "absent is removed")
        let installed = try intercept("install")
        #expect(installed.code == 0, "\(installed.errors)")
        #expect(try intercept("verify").code == 0)
        let rules = try inside("iptables-save", "-t", "nat").output.split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(rules.contains { $0.contains("15006") } && rules.contains { $0.contains("15001") })
        #expect(try intercept("install").code == 0)
        let again = try inside("iptables-save", "-t", "nat").output.split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(rules == again, "the second time changes nothing")
        #expect(try intercept("show").output.contains("WEIR_OUTBOUND"))
        #expect(try inside("iptables", "-t", "nat", "-D", "WEIR_OUTBOUND", "1").code == 0)
        #expect(try intercept("verify").code == 1, "an altered table is noticed")
        #expect(try intercept("install").code == 0)
        #expect(try intercept("verify").code == 0)
        #expect(try intercept("remove").code == 0)
        #expect(try intercept("verify").code == 1)
        for tool in ["iptables-save", "ip6tables-save"] {
            #expect(!(try inside(tool).output.contains("WEIR")), "no chain is left behind")
        }
    }
}
