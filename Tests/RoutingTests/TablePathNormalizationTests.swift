import Reactor
import Testing

@testable import Routing

@Suite("Normal paths")
struct TablePathNormalizationTests {
    private func normalize(_ path: String) -> String {
        path.withBytes { bytes in
            withUnsafeTemporaryAllocation(byteCount: max(bytes.count, 1), alignment: 1) { buffer in
                switch PathNormalization.normalize(bytes, into: buffer) {
                case .asIs: return "= " + text(bytes)
                case .normalized(let length):
                    return "> " + text(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<length]))
                case .refused(let reason): return "\(reason)"
                }
            }
        }
    }

    @Test(
        "What is written to the buffer, what stays as it is, what is refused",
        arguments: [
            ("/", "= /"), ("/a/b/", "= /a/b/"), ("/a.b/c..d/~x", "= /a.b/c..d/~x"), ("*", "= *"),
            ("/averylongpath/that/crosses/words/../x", "> /averylongpath/that/crosses/x"), ("/a//b", "> /a/b"),
            ("//a", "> /a"), ("/a//", "> /a/"), ("/1234567//", "> /1234567/"), ("/123456//8", "> /123456/8"),
            ("///", "> /"),
            ("/a/./b", "> /a/b"), ("/a/.", "> /a/"), ("/.", "> /"), ("/a/../b", "> /b"), ("/a/b/..", "> /a/"),
            ("/a/..", "> /"),
            ("/a/../../b", "aboveRoot"), ("/..", "aboveRoot"), ("/%2e%2E/x", "aboveRoot"), ("/a/%2e%2e/b", "> /b"),
            ("/a/%2e/b", "> /a/b"), ("/a/.%2e/b", "> /b"), ("/...", "> /..."), ("/.a/..b", "> /.a/..b"),
            ("/%61%7e", "> /a~"),
            ("/%c3%a4", "> /%C3%A4"), ("/a%2fb", "> /a%2Fb"), ("/a%5cb", "> /a%5Cb"), ("/a%20b", "> /a%20b"),
            ("/a%2f..%2fb", "hiddenDotSegment"), ("/..%2fb", "hiddenDotSegment"), ("/a%5c..", "hiddenDotSegment"),
            ("/a%2f.%2fb", "hiddenDotSegment"), ("/a%2f%2e%2e", "hiddenDotSegment"), ("/a%2f...", "> /a%2F..."),
            ("/a/..;x/b", "hiddenDotSegment"), ("/a/%2e%2e;/b", "hiddenDotSegment"), ("/a/.;", "hiddenDotSegment"),
            ("/a;x/b", "= /a;x/b"), ("/.a;x", "> /.a;x"), ("/...;", "> /...;"),
            ("/%", "malformedEscape"), ("/%4", "malformedEscape"), ("/%zz", "malformedEscape"), ("/%00", "nulByte"),
            ("/a\\b", "backslash"), ("/12345678\\", "backslash"), ("/a\u{1}", "controlByte"),
            ("/1234567\u{7f}x", "controlByte"),
            ("", "notAbsolute"), ("a", "notAbsolute"), ("/%252e%252e", "> /%252e%252e"), ("/ä", "= /ä"),
        ])
    func table(path: String, expected: String) {
        #expect(normalize(path) == expected, "\(path)")
    }

    @Test("The result is normal, never longer, and found by the fast look too")
    func idempotent() {
        var random = SplitMix64(seed: 1)
        let alphabet = ["/", "/", ".", ".", "a", "b", "%2e", "%2F", "%61", "%5c", "%c3", "x"]
        for _ in 0..<20_000 {
            let path =
                "/"
                + (0..<Int.random(in: 0..<14, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? "" }
                .joined()
            guard let once = PathNormalization.normalized(path) else { continue }
            #expect(once.utf8.count <= path.utf8.count && once.hasPrefix("/") && !once.contains("//"))
            #expect(PathNormalization.normalized(once) == once, "\(path)")
            let segments = once.split(separator: "/", omittingEmptySubsequences: true)
            #expect(!segments.contains("..") && !segments.contains("."), "\(path)")
        }
    }

    @Test("Route values are brought to the form of requests")
    func values() {
        #expect(PathValue.prefix("/a/") == "/a")
        #expect(PathValue.prefix("/") == "")
        #expect(PathValue.exact("/a%2fb") == "/a%2Fb")
        #expect(PathValue.exact("/../a") == nil)
    }
}
