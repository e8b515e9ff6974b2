import TLS
import Testing

/// Which certificate a client gets by the name it asks for.
@Suite struct ServerNameTests {
    /// The common name of the certificate that a client of this name gets; nil when it is refused.
    private func certificate(_ context: TLSServerContext, for name: String) throws -> (String, Int)? {
        let pair = try SessionPair(try Certificates.client(verification: .none), context, name: name)
        guard pair.handshake(), let common = pair.client.peerCommonName, let position = pair.server.hostnamePosition
        else {
            #expect(pair.clientError?.reason.contains("unrecognized name") == true)
            return nil
        }
        return (common, position)
    }

    private func context(_ entries: [(String?, String)]) throws -> TLSServerContext {
        try TLSServerContext(
            identities: try entries.map { (hostname: $0.0, identities: [try Certificates.identity([$0.1])]) })
    }

    @Test(arguments: [
        ("example.com", "any", 0), ("a.example.com", "exact", 1), ("A.Example.COM", "exact", 1),
        ("b.example.com", "wide", 2), ("x.y.example.com", "wide", 2), ("x.deep.example.com", "deep", 3),
        ("deep.example.com", "wide", 2), ("x.y.deep.example.com", "deep", 3), ("other.org", "any", 0),
        ("xexample.com", "any", 0), ("127.0.0.1", "any", 0),
    ])
    func theMostSpecificHostnameIsChosen(name: String, common: String, position: Int) throws {
        let context = try context([
            (nil, "any"), ("a.example.com", "exact"), ("*.example.com", "wide"), ("*.deep.example.com", "deep"),
        ])
        let found = try #require(try certificate(context, for: name))
        #expect(found.0 == common)
        #expect(found.1 == position)
    }

    @Test(arguments: ["b.test", "a.test.org", "test", "127.0.0.1"])
    func aNameThatNoHostnameMatchesIsRefused(name: String) throws {
        let context = try context([("a.test", "a"), ("*.b.test", "b")])
        #expect(try certificate(context, for: name) == nil)
        #expect(try certificate(context, for: "a.test")?.0 == "a")
    }

    @Test func aHostnameWithoutIdentityIsRefusedAndTheOthersServed() throws {
        let any = try Certificates.identity(["any"])
        let context = try TLSServerContext(identities: [("broken.test", []), (nil, [any])])
        #expect(try certificate(context, for: "broken.test") == nil)
        #expect(try certificate(context, for: "whole.test")?.0 == "any")
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
        #expect(try certificate(context, for: name)?.0 == common)
    }

    @Test func theFirstOfTwoEqualHostnamesCounts() throws {
        let context = try context([("a.test", "one"), ("a.test", "two"), (nil, "three"), (nil, "four")])
        #expect(try certificate(context, for: "a.test")?.0 == "one")
        #expect(try certificate(context, for: "b.test")?.0 == "three")
    }

    @Test func aSessionOutlivesItsContext() throws {
        let client = try Certificates.client()
        let pair = try SessionPair(client, try context([("a.test", "a.test")]), name: "a.test")
        #expect(pair.handshake())
        let bytes = Array("still here".utf8)
        #expect(pair.transfer(bytes, from: pair.server, to: pair.client).received == bytes)
    }
}
