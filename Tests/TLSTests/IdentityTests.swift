import Glibc
import Reactor
import TLS
import TLSFuzz
import Testing

/// What is taken for a certificate and key, and what is refused with which words.
@Suite struct IdentityTests {
    @Test func namesAndDatesAreRead() throws {
        let identity = try Certificates.identity(["A.test", "*.b.test"], addresses: ["10.0.0.1"], days: 30)
        #expect(identity.dnsNames == ["a.test", "*.b.test"])
        let now = Int64(time(nil))
        #expect(abs(identity.notAfter - now - 30 * 86_400) < 100)
        #expect(identity.notBefore < now - 3000)
    }

    @Test func theChainGoesToTheClient() throws {
        let root = try #require(Certificates.authority)
        let made = try Certificates.pair(["a.test"])
        let identity = try TLSIdentity(certificateChain: made.certificate + root.certificate, privateKey: made.key)
        let context = try TLSServerContext(identities: [(nil, [identity])])
        #expect(try SessionPair(try Certificates.client(), context, name: "a.test").handshake())
    }

    @Test func anEmptyChainIsRefused() throws {
        let made = try Certificates.pair(["a.test"])
        #expect(refusal([], made.key).contains("no start line"))
        #expect(refusal(Array("nothing here".utf8), made.key).contains("no start line"))
        // Both in one text, but the certificate is missing.
        #expect(refusal(made.key, made.key).contains("no start line"))
    }

    @Test func malformedPEMIsRefused() throws {
        let made = try Certificates.pair(["a.test"])
        let text = String(decoding: made.certificate, as: UTF8.self)
        #expect(!refusal(Array(text.replacing("END CERT", with: "end cert").utf8), made.key).isEmpty)
        #expect(!refusal(Array(text.dropFirst(40)).flatMap { Array($0.utf8) }, made.key).isEmpty)
        #expect(!refusal(Array(text.replacing("MII", with: "M!!").utf8), made.key).isEmpty)
        #expect(!refusal(Array(text.replacing("MII", with: "").utf8), made.key).isEmpty)
        // A good leaf with a broken certificate behind it: the chain is not silently cut.
        let broken = made.certificate + Array(text.replacing("MII", with: "MIA").utf8)
        #expect(!refusal(broken, made.key).isEmpty)
    }

    @Test func aKeyOfAnotherCertificateIsRefused() throws {
        let one = try Certificates.pair(["a.test"])
        let other = try Certificates.pair(["a.test"])
        #expect(refusal(one.certificate, other.key).contains("key values mismatch"))
    }

    @Test func aMissingOrMalformedKeyIsRefused() throws {
        let made = try Certificates.pair(["a.test"])
        #expect(refusal(made.certificate, []).contains("private key cannot be read"))
        #expect(refusal(made.certificate, made.certificate).contains("private key cannot be read"))
        #expect(refusal(made.certificate, Array(made.key.dropLast(60))).contains("private key cannot be read"))
    }

    /// OpenSSL would ask at the terminal.
    @Test func anEncryptedKeyIsRefusedWithoutAPrompt() throws {
        let made = try Certificates.pair(["a.test"])
        let key = """
            -----BEGIN ENCRYPTED PRIVATE KEY-----
            MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAg7b6cPHJxKpgICCAAw
            DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEHYXh8GkjLZVr0CRb7bHjEcEgZA=
            -----END ENCRYPTED PRIVATE KEY-----
            """
        #expect(refusal(made.certificate, Array(key.utf8)).contains("private key cannot be read"))
    }

    @Test func tooLongATextIsRefusedUnread() throws {
        let long = [UInt8](repeating: 0x20, count: 5 << 20)
        #expect(refusal(long, []).contains("are read"))
    }

    @Test func whatACertificateCannotBeForIsRefused() throws {
        let authority = try #require(Certificates.authority)
        for name in ["", "a,DNS:b", "a b", "*", "a*.b", String(repeating: "a", count: 254), "ä.test"] {
            #expect(throws: TLSError.self, "\(name)") {
                try CertificateMaker.leaf(dnsNames: [name], ipAddresses: [], days: 1, authority: authority)
            }
        }
        for address in ["", "a.test", "1.2.3.4,DNS:b", "1.2.3"] {
            #expect(throws: TLSError.self, "\(address)") {
                try CertificateMaker.leaf(dnsNames: [], ipAddresses: [address], days: 1, authority: authority)
            }
        }
        #expect(throws: TLSError.self) {
            try CertificateMaker.leaf(dnsNames: [], ipAddresses: [], days: 1, authority: authority)
        }
        #expect(throws: TLSError.self) { try CertificateMaker.authority(commonName: "x", days: Int.max) }
    }

    @Test func aLongNameIsInTheAlternativeNamesAlone() throws {
        let name = String(repeating: "a", count: 63) + ".test"
        let context = try TLSServerContext(identities: [(nil, [try Certificates.identity([name])])])
        let pair = try SessionPair(try Certificates.client(), context, name: name)
        #expect(pair.handshake())
        #expect(pair.client.peerCommonName == nil)
    }

    @Test func anAuthorityIsNotMistakenForALeafsKey() throws {
        let authority = try #require(Certificates.authority)
        let stranger = try #require(Certificates.stranger)
        #expect(throws: TLSError.self) {
            try CertificateMaker.leaf(
                dnsNames: ["a"], ipAddresses: [], days: 1, authority: (authority.certificate, stranger.key))
        }
    }

    @Test func anyTextIsReadOrRefused() throws {
        let made = try Certificates.pair(["a.test", "b.test"], addresses: ["10.0.0.1"])
        let seed = made.certificate + made.key
        #expect(TLSFuzz.identity(seed) == [])
        #expect(TLSFuzz.roots(seed) == [])
        var dice = SplitMix64(seed: 1)
        for _ in 0..<3000 {
            var mutant = seed
            for _ in 0..<Int.random(in: 1...4, using: &dice) {
                let position = Int.random(in: 0..<mutant.count, using: &dice)
                switch Int.random(in: 0..<4, using: &dice) {
                case 0: mutant[position] = UInt8.random(in: 0...255, using: &dice)
                case 1: mutant.remove(at: position)
                case 2: mutant.insert(UInt8.random(in: 0x2b...0x7a, using: &dice), at: position)
                default: mutant.removeSubrange(position..<min(mutant.count, position + 64))
                }
                if mutant.isEmpty { mutant = seed }
            }
            #expect(TLSFuzz.identity(mutant) == [], "\(mutant)")
            #expect(TLSFuzz.roots(mutant) == [], "\(mutant)")
        }
    }

    private func refusal(_ chain: [UInt8], _ key: [UInt8]) -> String {
        do {
            _ = try TLSIdentity(certificateChain: chain, privateKey: key)
            return ""
        } catch {
            return error.description
        }
    }
}
