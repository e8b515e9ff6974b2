import TLS
import Testing

@Suite struct Digest256Tests {
    /// FIPS 180-2, appendix B.
    @Test func theDigestIsTheStandards() throws {
        let digest = try #require(Digest256("abc".utf8))
        let text = digest.bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        #expect(text == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test func differentBytesAreToldApart() {
        #expect(Digest256([1, 2]) == Digest256([1, 2]) && Digest256([1, 2]) != Digest256([2, 1]))
        #expect(Digest256([]) != nil)
    }
}
