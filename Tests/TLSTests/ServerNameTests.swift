import TLS
import Testing

/// Which certificate a client gets by the name it asks for.
@Suite struct ServerNameTests {
    /// The common name of the certificate that a client of this name gets; nil when it is refused.
    private func certificate(_ context: TLSServerContext, for name: String) throws -> String? {
        let pair = try SessionPair(try Certificates.client(verification: .none), context, name: name)
        guard pair.handshake(), let common = pair.client.peerCommonName else {
            #expect(pair.clientError?.reason.contains("unrecognized name") == true)
            return nil
        }
        return common
    }

    private func context(_ entries: [(String?, String)]) throws -> TLSServerContext {
        try TLSServerContext(
            identities: try entries.map { (hostname: $0.0, identities: [try Certificates.identity([$0.1])]) })
    }

    @Test(arguments: [
        ("example.com", "any"), ("a.example.com", "exact"), ("A.Example.COM", "exact"),
        ("b.example.com", "wide"), ("x.y.example.com", "wide"), ("x.deep.example.com", "deep"),
        ("deep.example.com", "wide"), ("x.y.deep.example.com", "deep"), ("other.org", "any"),
        ("xexample.com", "any"), ("127.0.0.1", "any"),
    ])
    func theMostSpecificHostnameIsChosen(name: String, common: String) throws {
        let context = try context([
            (nil, "any"), ("a.example.com", "exact"), ("*.example.com", "wide"), ("*.deep.example.com", "deep"),
        ])
        #expect(try certificate(context, for: name) == common)
    }

    @Test(arguments: ["b.test", "a.test.org", "test", "127.0.0.1"])
    func aNameThatNoHostnameMatchesIsRefused(name: String) throws {
        let context = try context([("a.test", "a"), ("*.b.test", "b")])
        #expect(try certificate(context, for: name) == nil)
        #expect(try certificate(context, for: "a.test") == "a")
    }

    @Test func aHostnameWithoutIdentityIsRefusedAndTheOthersServed() throws {
        let any = try Certificates.identity(["any"])
        let context = try TLSServerContext(identities: [("broken.test", []), (nil, [any])])
        #expect(try certificate(context, for: "broken.test") == nil)
        #expect(try certificate(context, for: "whole.test") == "any")
    }

    @Test(arguments: [
        ("a.test", "a.test"), ("x.b.test", "*.b.test"), ("x.y.b.test", "first.test"), ("b.test", "first.test"),
        ("c.test", "first.test"), ("exact.b.test", "exact.b.test"),
    ])
    func ofSeveralCertificatesTheOneThatFitsBestIsShown(name: String, common: String) throws {
        let identities = try ["first.test", "a.test", "*.b.test", "exact.b.test"].map {
            try Certificates.identity([$0])
        }
        let context = try TLSServerContext(identities: [(nil, identities)])
        #expect(try certificate(context, for: name) == common)
    }

    @Test func theFirstOfTwoEqualHostnamesCounts() throws {
        let context = try context([("a.test", "one"), ("a.test", "two"), (nil, "three"), (nil, "four")])
        #expect(try certificate(context, for: "a.test") == "one")
        #expect(try certificate(context, for: "b.test") == "three")
    }

    @Test func aSessionOutlivesItsContext() throws {
        let client = try Certificates.client()
        let pair = try SessionPair(client, try context([("a.test", "a.test")]), name: "a.test")
        #expect(pair.handshake())
        let bytes = Array("still here".utf8)
        #expect(pair.transfer(bytes, from: pair.server, to: pair.client).received == bytes)
    }
}
