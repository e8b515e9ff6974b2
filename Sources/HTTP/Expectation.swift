/// Expect, RFC 9110 section 10.1.1: `100-continue` and nothing else.
enum Expectation {
    /// Whether the client waits for 100 (Continue). Throws for any other expectation.
    @inline(__always)
    static func expectsContinue(_ bytes: Span<UInt8>, _ table: FieldTable) throws(Rejection) -> Bool {
        guard table.contains(.expect) else { return false }
        for index in 0..<table.count where table[index].known == .expect {
            guard Bytes.equalIgnoringCase(bytes, table[index].value.range, "100-continue") else {
                throw .unknownExpectation
            }
        }
        return true
    }
}
