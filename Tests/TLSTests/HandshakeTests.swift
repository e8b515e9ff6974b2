import Glibc
import TLS
import Testing

/// Who is believed and who is not, seen from both sides of a handshake.
@Suite struct HandshakeTests {
    @Test func bothSidesAgreeAndBytesPassBothWays() throws {
        let pair = try SessionPair(try Certificates.client(), try server(["a.test"]), name: "a.test")
        #expect(pair.handshake())
        #expect(pair.server.serverName == "a.test")
        #expect(pair.client.negotiatedProtocol == nil)
        let there = pair.transfer(Array("ping".utf8), from: pair.client, to: pair.server)
        #expect(there.received == Array("ping".utf8))
        let back = pair.transfer(Array("pong".utf8), from: pair.server, to: pair.client)
        #expect(back.received == Array("pong".utf8))
    }

    @Test func anAuthorityThatIsNotTrustedIsRefused() throws {
        let pair = try SessionPair(
            try Certificates.client(trusting: Certificates.stranger), try server(["a.test"]), name: "a.test")
        #expect(!pair.handshake())
        #expect(pair.clientError?.reason.contains("certificate verify failed") == true)
        #expect(pair.clientError?.reason.contains("unable to get local issuer certificate") == true)
        #expect(pair.serverError?.reason.contains("unknown ca") == true)
    }

    @Test(arguments: ["b.test", "x.a.test", "test", "127.0.0.1"]) func anotherNameIsRefused(name: String) throws {
        let pair = try SessionPair(try Certificates.client(), try server(["a.test"]), name: name)
        #expect(!pair.handshake())
        #expect(pair.clientError?.reason.contains("mismatch") == true)
    }

    @Test(arguments: ["127.0.0.1", "::1", "[::1]"]) func addressesAreVerifiedAndNotSentAsNames(address: String) throws {
        let identity = try Certificates.identity([], addresses: ["127.0.0.1", "::1"])
        let context = try TLSServerContext(identities: [(nil, [identity])])
        let pair = try SessionPair(try Certificates.client(), context, name: address)
        #expect(pair.handshake())
        #expect(pair.server.serverName == nil)
        let other = try SessionPair(try Certificates.client(), context, name: "127.0.0.2")
        #expect(!other.handshake())
    }

    @Test func anExpiredCertificateIsRefusedByItsClientButStillAnIdentity() throws {
        let identity = try Certificates.identity(["a.test"], days: -1)
        #expect(identity.notBefore < identity.notAfter)
        #expect(identity.notAfter < Int64(time(nil)))
        let context = try TLSServerContext(identities: [(nil, [identity])])
        let pair = try SessionPair(try Certificates.client(), context, name: "a.test")
        #expect(!pair.handshake())
        #expect(pair.clientError?.reason.contains("certificate has expired") == true)
    }

    @Test func withoutVerificationAnyoneMayAnswer() throws {
        let client = try Certificates.client(trusting: Certificates.stranger, verification: .none)
        let pair = try SessionPair(client, try server(["a.test"]), name: "b.test")
        #expect(pair.handshake())
    }

    @Test(arguments: ["", ".", "[]", "a\0.test", String(repeating: "a", count: 300)])
    func aNameThatCannotBeCheckedIsRefused(name: String) throws {
        let context = try server(["a.test"])
        #expect(throws: TLSError.self) { try SessionPair(try Certificates.client(), context, name: name) }
    }

    @Test func aServerThatAsksForACertificateGetsIt() throws {
        let context = try server(["a.test"], clientAuthorities: Certificates.authority?.certificate)
        let client = try Certificates.client(identity: try Certificates.identity(["someone"]))
        let pair = try SessionPair(client, context, name: "a.test")
        #expect(pair.handshake())
        #expect(pair.server.peerCommonName == "someone")
    }

    @Test func aClientWithoutACertificateOrWithAStrangersIsRefused() throws {
        let context = try server(["a.test"], clientAuthorities: Certificates.authority?.certificate)
        let none = try SessionPair(try Certificates.client(), context, name: "a.test")
        #expect(!none.handshake())
        #expect(none.serverError?.reason.contains("peer did not return a certificate") == true)
        let stranger = try Certificates.identity(["someone"], by: Certificates.stranger)
        let other = try SessionPair(try Certificates.client(identity: stranger), context, name: "a.test")
        #expect(!other.handshake())
        #expect(other.serverError?.reason.contains("certificate verify failed") == true)
    }

    @Test func theServersVersionIsTheLeast() throws {
        let context = try TLSServerContext(
            identities: [(nil, [try Certificates.identity(["a.test"])])], minimumVersion: .v13)
        let pair = try SessionPair(try Certificates.client(), context, name: "a.test")
        #expect(pair.handshake())
        #expect(try alert(to: ClientHello.tls12, from: context) == ClientHello.protocolVersion)
    }

    @Test func version11IsRefused() throws {
        #expect(try alert(to: ClientHello.tls11, from: try server(["a.test"])) == ClientHello.protocolVersion)
    }

    @Test func whatIsNoHandshakeFails() throws {
        #expect(try alert(to: Array("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n".utf8), from: try server(["a.test"])) == 0)
    }

    /// The description of the fatal alert that answers some first bytes; 0 when the server fails without one, -1 when
    /// it does not fail.
    private func alert(to bytes: [UInt8], from context: TLSServerContext) throws -> Int {
        let pair = try SessionPair(try Certificates.client(), context, name: "a.test")
        let sent = bytes.withUnsafeBytes { send(pair.clientDescriptor, $0.baseAddress, $0.count, 0) }
        #expect(sent == bytes.count)
        guard case .failed = pair.server.handshake() else { return -1 }
        var answer = [UInt8](repeating: 0, count: 64)
        let count = answer.withUnsafeMutableBytes { recv(pair.clientDescriptor, $0.baseAddress, $0.count, 0) }
        return count == 7 && answer[0] == 21 ? Int(answer[6]) : 0
    }

    private func server(_ names: [String], clientAuthorities: [UInt8]? = nil) throws -> TLSServerContext {
        try TLSServerContext(
            identities: [(nil, [try Certificates.identity(names)])], clientAuthorities: clientAuthorities)
    }
}

/// First messages of old clients, byte by byte: OpenSSL itself would not send them.
enum ClientHello {
    /// The alert (RFC 8446 section 6.2).
    static let protocolVersion = 70
    static let tls11 = record(version: 2)
    static let tls12 = record(version: 3)

    private static func record(version: UInt8) -> [UInt8] {
        let suites: [UInt8] = [0xc0, 0x2b, 0xc0, 0x2f, 0xc0, 0x09, 0xc0, 0x13, 0x00, 0x2f]
        let groups: [UInt8] = [0x00, 0x0a, 0x00, 0x04, 0x00, 0x02, 0x00, 0x17]
        let algorithms: [UInt8] = [0x00, 0x0d, 0x00, 0x04, 0x00, 0x02, 0x04, 0x03]
        let extensions = groups + algorithms
        var body: [UInt8] = [3, version] + [UInt8](repeating: 7, count: 32) + [0]
        body += [0, UInt8(suites.count)] + suites + [1, 0] + [0, UInt8(extensions.count)] + extensions
        let message: [UInt8] = [1, 0, 0, UInt8(body.count)] + body
        return [22, 3, 1, 0, UInt8(message.count)] + message
    }
}
