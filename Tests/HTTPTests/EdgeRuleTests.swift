import Testing

@testable import HTTP

@Suite("Hops") struct HopCountTests {
    private func count(_ lines: String) -> HopCount {
        let text = "GET / HTTP/1.1\r\nHost: a\r\n\(lines)\r\n"
        let head = RequestHead()
        var scanned = 0
        return Array(text.utf8).withUnsafeBytes { bytes in
            _ = head.parse(bytes, limits: HTTP1Limits(), scanned: &scanned)
            return HopCount(head.fields, in: bytes)
        }
    }

    @Test func theTenthProxyEndsARequest() {
        #expect(count("").passed == 0)
        #expect(count("weir-hops: 3\r\n").passed == 3)
        #expect(!count("Weir-Hops: 8\r\n").isOver)
        #expect(count("weir-hops: 9\r\n").isOver)
        #expect(count("weir-hops: 99\r\n").isOver)
    }

    @Test(arguments: [
        "weir-hops: -1", "weir-hops:", "weir-hops: a", "weir-hops: 1, 2", "weir-hops: 100", "weir-hops: 0x1",
        "weir-hops: 1\r\nweir-hops: 1",
    ])
    func whatIsNoCountEndsItToo(_ line: String) {
        #expect(count(line + "\r\n").isOver)
    }

    @Test func theNextProxyIsToldOneMore() {
        let bytes = WrittenBytes { count("weir-hops: 3\r\n").write(into: &$0) }
        #expect(bytes.text == "weir-hops: 4\r\n")
    }
}

/// What a writer was made to write.
struct WrittenBytes {
    let text: String

    init(_ write: (inout ByteWriter) -> Void) {
        var room = [UInt8](repeating: 0, count: 256)
        let count = room.withUnsafeMutableBytes { buffer in
            var writer = ByteWriter(buffer)
            write(&writer)
            return writer.count
        }
        text = String(decoding: room[..<count], as: UTF8.self)
    }
}

@Suite("Dates") struct HTTPDateTests {
    @Test(arguments: [
        (UInt64(0), "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (951_827_696, "Tue, 29 Feb 2000 12:34:56 GMT"), (951_868_800, "Wed, 01 Mar 2000 00:00:00 GMT"),
        (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 GMT"), (1_796_083_199, "Mon, 30 Nov 2026 23:59:59 GMT"),
        (4_102_444_800, "Fri, 01 Jan 2100 00:00:00 GMT"), (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
    ])
    func datesAreWrittenInTheFixedForm(_ seconds: UInt64, _ text: String) {
        #expect(WrittenBytes { HTTPDate.write(secondsSince1970: seconds, into: &$0) }.text == text)
        #expect(text.utf8.count == HTTPDate.length)
    }
}

@Suite("Connection-bound authentication") struct ConnectionAuthenticationTests {
    private func isBound(request lines: String) -> Bool {
        let text = "GET / HTTP/1.1\r\nHost: a\r\n\(lines)\r\n\r\n"
        let head = RequestHead()
        var scanned = 0
        return Array(text.utf8).withUnsafeBytes { bytes in
            _ = head.parse(bytes, limits: HTTP1Limits(), scanned: &scanned)
            return ConnectionAuthentication.isBound(head.fields, in: bytes)
        }
    }

    private func isBound(response lines: String) -> Bool {
        let text = "HTTP/1.1 401 X\r\nContent-Length: 0\r\n\(lines)\r\n\r\n"
        let head = ResponseHead()
        var scanned = 0
        return Array(text.utf8).withUnsafeBytes { bytes in
            _ = head.parse(bytes, method: .get, limits: HTTP1Limits(), scanned: &scanned)
            return ConnectionAuthentication.isBound(head.fields, in: bytes)
        }
    }

    @Test(arguments: [
        "Authorization: NTLM TlRMTVNTUAAB", "authorization: negotiate YII", "Proxy-Authorization: Negotiate YII",
    ])
    func credentialsBind(_ line: String) {
        #expect(isBound(request: line))
    }

    @Test(arguments: [
        "WWW-Authenticate: NTLM", "WWW-Authenticate: Negotiate", "www-authenticate: Negotiate oYG2",
        "WWW-Authenticate: Basic realm=\"a\", NTLM", "WWW-Authenticate: Basic realm=a\r\nWWW-Authenticate: NTLM",
        "Proxy-Authenticate: NTLM",
    ])
    func challengesBind(_ line: String) {
        #expect(isBound(response: line))
    }

    @Test(arguments: [
        "Authorization: Bearer ntlm", "Authorization: Basic bmVnb3RpYXRl", "X-Authorization: NTLM a", "A: NTLM",
    ])
    func nothingElseDoes(_ line: String) {
        #expect(!isBound(request: line))
        #expect(!isBound(response: "WWW-Authenticate: Basic realm=\"NTLM\""))
    }
}

@Suite("Upgrades that are answered") struct UpgradeAnswerTests {
    @Test(arguments: [
        ("websocket", "websocket", true), ("WebSocket", "websocket", true), ("a", "b, A", true), ("a, b", "b, a", true),
        ("mqtt", "websocket", false), ("", "websocket", false), ("websocket, mqtt", "websocket", false),
        ("a", "", false),
        ("web", "websocket", false), ("websocket,", "websocket", false),
    ])
    func aProtocolIsSwitchedToOnlyIfItWasOffered(_ chosen: String, _ offer: String, _ isAnswered: Bool) {
        let (chosen, offer) = (Array(chosen.utf8), Array(offer.utf8))
        let found = chosen.withUnsafeBytes { bytes in
            offer.withUnsafeBytes { UpgradeOffer.isAnswered(bytes, chosen: 0..<bytes.count, offer: $0) }
        }
        #expect(found == isAnswered)
    }

    private static func list(_ count: Int, of bytes: Int) -> String {
        (0..<count).map { String(repeating: "a", count: bytes - 1) + "\($0)" }.joined(separator: ",")
    }

    @Test(arguments: [
        (8, 2, true), (9, 2, false), (1, UpgradeOffer.mostBytes, true), (1, UpgradeOffer.mostBytes + 1, false),
    ])
    func anOfferOrAnswerOfTooManyProtocolsOrBytesCountsAsNone(_ count: Int, _ bytes: Int, _ isUpgrade: Bool) {
        let value = UpgradeAnswerTests.list(count, of: bytes)
        aProtocolIsSwitchedToOnlyIfItWasOffered(value, value, isUpgrade)
        let lines = "Host: a\r\nConnection: upgrade\r\nUpgrade: \(value)\r\n\r\n"
        let (request, response) = (RequestHead(), ResponseHead())
        var scanned = 0
        Array("GET / HTTP/1.1\r\n\(lines)".utf8).withUnsafeBytes {
            _ = request.parse($0, limits: HTTP1Limits(), scanned: &scanned)
        }
        Array("HTTP/1.1 101 Switching\r\n\(lines)".utf8).withUnsafeBytes {
            _ = response.parse($0, method: .get, limits: HTTP1Limits(), scanned: &scanned)
        }
        #expect((request.upgradeFieldIndex != nil) == isUpgrade)
        #expect((response.upgradeFieldIndex != nil) == isUpgrade)
    }
}

@Suite("Names that Connection lists") struct ListedNameTests {
    private func hash(_ name: String) -> UInt32 {
        let bytes = Array(name.utf8)
        return FieldTable.hash(bytes.span, 0..<bytes.count)
    }

    @Test func namesAreToldApartByANumberThatDoesNotSeeCase() {
        let long = String(repeating: "x", count: 255)
        #expect(hash("X-Name") == hash("x-nAME") && hash("x-name") != hash("x-namf"))
        #expect(Set((0..<9).map { hash(long + "\($0)") }).count == 9)
    }

    @Test func asManyLongNamesAsFitAreFound() {
        let names = (0..<60).map { String(repeating: "x", count: 400) + "-\(10 + $0)" }
        let lines = names.map { "\($0.uppercased()): 1\r\n" }.joined()
        let text = "GET / HTTP/1.1\r\nHost: a\r\nConnection: \(names.joined(separator: ","))\r\n\(lines)\r\n"
        let head = RequestHead()
        var scanned = 0
        Array(text.utf8).withUnsafeBytes { _ = head.parse($0, limits: HTTP1Limits(), scanned: &scanned) }
        #expect(head.fields.count == 62)
        #expect((2..<head.fields.count).allSatisfy { head.fields[$0].hopByHop })
        #expect(!head.fields[0].hopByHop)
    }
}
