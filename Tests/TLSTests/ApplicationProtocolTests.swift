import TLS
import Testing

/// ALPN (RFC 7301).
@Suite struct ApplicationProtocolTests {
    private func pair(
        client: [String], server: [String], hostname: String? = nil
    ) throws -> SessionPair {
        let identity = try Certificates.identity(["a.test"])
        return try SessionPair(
            try Certificates.client(alpn: client),
            try TLSServerContext(identities: [(hostname, [identity])], alpn: server), name: "a.test")
    }

    @Test(arguments: [nil, "a.test"]) func theServersFirstThatIsOfferedIsTaken(hostname: String?) throws {
        let pair = try pair(client: ["h2", "http/1.1"], server: ["http/1.1"], hostname: hostname)
        #expect(pair.handshake())
        #expect(pair.client.negotiatedProtocol == "http/1.1")
        #expect(pair.server.negotiatedProtocol == "http/1.1")
        let other = try self.pair(client: ["b", "a"], server: ["a", "b"], hostname: hostname)
        #expect(other.handshake())
        #expect(other.client.negotiatedProtocol == "a")
    }

    @Test(arguments: [nil, "a.test"]) func aClientOfOtherProtocolsIsRefused(hostname: String?) throws {
        let pair = try pair(client: ["h2"], server: ["http/1.1"], hostname: hostname)
        #expect(!pair.handshake())
        #expect(pair.clientError?.reason.contains("no application protocol") == true)
    }

    @Test func aClientThatOffersNothingIsServed() throws {
        let pair = try pair(client: [], server: ["http/1.1"])
        #expect(pair.handshake())
        #expect(pair.server.negotiatedProtocol == nil)
    }

    @Test func aServerWithoutProtocolsIgnoresTheOffer() throws {
        let pair = try pair(client: ["h2"], server: [])
        #expect(pair.handshake())
        #expect(pair.client.negotiatedProtocol == nil)
    }

    @Test(arguments: ["", String(repeating: "x", count: 256)]) func aNameThatCannotBeSentIsRefused(name: String) {
        #expect(throws: TLSError.self) { try Certificates.client(alpn: [name]) }
    }
}
