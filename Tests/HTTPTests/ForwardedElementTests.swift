import Testing

@testable import HTTP

/// RFC 7239.
@Suite struct ForwardedElementTests {
    private func elements(_ value: String) -> [String] {
        let bytes = Array(value.utf8)
        return bytes.withUnsafeBytes { buffer in
            var found: [String] = []
            var position = 0
            while let element = ForwardedElement.next(buffer, 0..<bytes.count, from: &position) {
                found.append(String(decoding: bytes[element], as: UTF8.self))
            }
            return found
        }
    }

    @Test(arguments: [
        "for=192.0.2.60;proto=http;by=203.0.113.43", "For=\"[2001:db8:cafe::17]:4711\"", "for=unknown", "for=_hidden",
        "for=\"192.0.2.1:_port\"", "for=192.0.2.1; host=example.com ;proto=https", "host=\"example.com:8080\"",
        "secret=\"a, \\\"b\"", ";for=192.0.2.1;", "by=_SEVKISEK", "proto=coap+tcp",
    ])
    func whatIsWellFormedStays(_ element: String) {
        #expect(elements(element) == [element])
        #expect(elements(" , \(element)\t,, \(element) ") == [element, element])
    }

    @Test(arguments: [
        "", " ", ";", "for", "for=", "=a", "for =192.0.2.1", "for= 192.0.2.1", "for=192.0.2", "for=192.0.2.256",
        "for=::1", "for=[::1]", "for=\"[::1\"", "for=\"[::1]x\"", "for=192.0.2.1:80", "for=\"192.0.2.1:\"", "for=_",
        "for=\"192.0.2.1:123456\"", "for=a.b", "for=192.0.2.1;for=192.0.2.2", "FOR=192.0.2.1;for=192.0.2.1",
        "for=192.0.2.1 for=192.0.2.2", "proto=h/2", "proto=\"\"", "proto=1a", "host=\"a b\"", "host=\"\"",
        "for=\"\\1\"",
        "for=192.0.2.1;x", "for=\"192.0.2.1\"x", "x=y=z", "for=192.0.2.1\"",
    ])
    func anElementWithAMalformedPairIsLeftOutWhole(_ element: String) {
        #expect(elements(element) == [])
        #expect(elements("for=192.0.2.9, " + element) == ["for=192.0.2.9"])
    }

    @Test func aQuotationMarkThatNothingClosesTakesTheRestWithIt() {
        #expect(elements("for=192.0.2.1, for=\"6.6.6.6, for=192.0.2.2") == ["for=192.0.2.1"])
        #expect(elements("for=\"_a\\\", for=192.0.2.2") == [])
        #expect(elements("x=\"\\") == [])
    }

    @Test func commasAndSemicolonsInQuotesPartNothing() {
        #expect(elements("x=\"a,b;c\";for=_d, for=_e") == ["x=\"a,b;c\";for=_d", "for=_e"])
    }

    @Test func aLongListIsReadToItsEnd() {
        let list = (0..<5000).map { "for=192.0.2.\($0 % 256)" }
        #expect(elements(list.joined(separator: ",")) == list)
    }
}
