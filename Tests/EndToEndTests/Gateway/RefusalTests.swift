import Foundation
import Testing

/// Requests that break a rule of HTTP/1.1 or a limit: one answer, a closed connection, a count, and nothing for the
/// backend.
@Suite struct RefusalTests {
    struct Vector: Sendable, CustomTestStringConvertible {
        var name: String
        var status: Int
        var request: String
        /// The `reason` label under which it is counted.
        var reason: String

        var testDescription: String { name }

        init(_ name: String, _ status: Int, _ reason: String, _ request: String) {
            self.name = name
            self.status = status
            self.reason = reason
            self.request = request
        }
    }

    /// What each vector carries behind itself: it must never be read as a request.
    static let smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"

    static let vectors: [Vector] = [
        Vector(
            "Content-Length with Transfer-Encoding", 400, "length_and_transfer_encoding",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        Vector(
            "Transfer-Encoding with Content-Length", 400, "length_and_transfer_encoding",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"),
        Vector(
            "two Content-Lengths", 400, "content_length_repeated",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 35\r\n\r\n"),
        Vector(
            "two equal Content-Lengths", 400, "content_length_repeated",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n"),
        Vector(
            "a listed Content-Length", 400, "bad_content_length",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0, 0\r\n\r\n"),
        Vector(
            "a signed Content-Length", 400, "bad_content_length",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +0\r\n\r\n"),
        Vector(
            "a negative Content-Length", 400, "bad_content_length",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n"),
        Vector(
            "a hexadecimal Content-Length", 400, "bad_content_length",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x5\r\n\r\n"),
        Vector(
            "an overflowing Content-Length", 400, "bad_content_length",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551616\r\n\r\n"),
        Vector("no Host", 400, "host_missing", "GET / HTTP/1.1\r\nAccept: */*\r\n\r\n"),
        Vector("two Hosts", 400, "host_repeated", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"),
        Vector("an empty Host", 400, "bad_host", "GET / HTTP/1.1\r\nHost:\r\n\r\n"),
        Vector("an invalid Host", 400, "bad_host", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"),
        Vector("a Host with a path", 400, "bad_host", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
        Vector("a bare CR", 400, "bare_cr", "GET / HTTP/1.1\r\nHost: a\rX: y\r\n\r\n"),
        Vector("a bare LF", 400, "bare_lf", "GET / HTTP/1.1\nHost: a\n\n"),
        Vector("a bare LF between fields", 400, "bare_lf", "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n"),
        Vector("a folded field", 400, "obs_fold", "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n folded\r\n\r\n"),
        Vector(
            "a space before the colon", 400, "space_before_colon",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length : 35\r\n\r\n"),
        Vector(
            "a tab before the colon", 400, "space_before_colon",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding\t: chunked\r\n\r\n"),
        Vector("a NUL in a value", 400, "control_byte", "GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n"),
        Vector("an empty field name", 400, "bad_field_name", "GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n"),
        Vector("a field without a colon", 400, "", "GET / HTTP/1.1\r\nHost: a\r\nnothing\r\n\r\n"),
        Vector("a method that is no token", 400, "bad_method", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n"),
        Vector("a target without a slash", 400, "bad_target", "GET nothing HTTP/1.1\r\nHost: a\r\n\r\n"),
        Vector("no version", 400, "", "GET /\r\nHost: a\r\n\r\n"),
        Vector(
            "chunked twice", 400, "bad_transfer_encoding",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"),
        Vector(
            "Transfer-Encoding in HTTP/1.0", 400, "transfer_encoding_in_http_1_0",
            "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        Vector(
            "an unknown transfer coding", 501, "unknown_transfer_coding",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
        Vector(
            "a disguised transfer coding", 501, "unknown_transfer_coding",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
        Vector("CONNECT", 501, "connect_not_supported", "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n"),
        Vector("another major version", 505, "unsupported_version", "GET / HTTP/2.0\r\nHost: a\r\n\r\n"),
        Vector(
            "an unknown expectation", 417, "unknown_expectation",
            "POST / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\nContent-Length: 0\r\n\r\n"),
        Vector(
            "a target over the limit", 414, "target_too_long",
            "GET /\(String(repeating: "a", count: 17 * 1024)) HTTP/1.1\r\nHost: a\r\n\r\n"),
        Vector(
            "a head over the limit", 431, "head_too_large",
            "GET / HTTP/1.1\r\nHost: a\r\n"
                + String(repeating: "X: \(String(repeating: "a", count: 8000))\r\n", count: 9) + "\r\n"),
        Vector(
            "too many fields", 431, "too_many_fields",
            "GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: "X: y\r\n", count: 128) + "\r\n"),
        Vector("another version", 505, "unsupported_version", "GET / HTTP/2.0\r\nHost: a\r\n\r\n"),
        Vector("a TLS hello", 400, "", "\u{16}\u{3}\u{1}\u{0}\u{5}hello\r\n\r\n"),
    ]

    @Test(arguments: vectors)
    func itIsRefusedAndTheConnectionClosed(_ vector: Vector) throws {
        let backend = try TestBackend()
        let gateway = try GatewayUnderTest(to: backend)
        defer { gateway.stop(); backend.close() }
        let stream = try gateway.connect()
        try stream.send(vector.request + RefusalTests.smuggled)
        let response = try stream.readResponse()
        #expect(response.status == vector.status, "\(vector.name): \(response.text)")
        #expect(response["server"] == "weir")
        #expect(response.closes)
        #expect(!response.text.isEmpty)
        let rest = try stream.readToEnd()
        #expect(rest.bytes.isEmpty, "nothing may follow a refusal")
        #expect(backend.connections == 0, "nothing of it may reach the backend")
        let metrics = try gateway.metrics()
        let labels = vector.reason.isEmpty ? "reason=" : "reason=\"\(vector.reason)\""
        #expect(metrics.sum("weir_rejected_requests_total", labels) == 1)
        #expect(metrics.sum("weir_requests_total") == 1)
    }

    /// The head is good, so the backend may have seen it; what is wrong comes later.
    static let badChunks: [String] = [
        "5\nhello\r\n0\r\n\r\n", "5\r\nhelloX\r\n0\r\n\r\n", "g\r\n", "-1\r\n", "+5\r\nhello\r\n", "0x5\r\nhello\r\n",
        " 5\r\nhello\r\n",
        "FFFFFFFFFFFFFFFFF\r\n", "5\rhello", "5;a\nb\r\nhello\r\n0\r\n\r\n", "5\r\nhello\r\n0\r\nX : y\r\n\r\n",
        "0\r\nX: \0\r\n\r\n",
    ]

    @Test(arguments: badChunks)
    func badChunkSyntaxIsRefusedAndTheConnectionClosed(_ body: String) throws {
        let backend = try TestBackend()
        let gateway = try GatewayUnderTest(to: backend)
        defer { gateway.stop(); backend.close() }
        let stream = try gateway.connect()
        try stream.send(
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(body)\(RefusalTests.smuggled)")
        #expect(try stream.readResponse().status == 400)
        #expect(try stream.readToEnd().bytes.isEmpty)
        #expect(!backend.allReceived.contains("smuggled"))
        try gateway.counts(1, "weir_rejected_requests_total")
    }

    @Test func theRestOfABodyIsNeverReadAsARequest() throws {
        let backend = try TestBackend()
        let gateway = try GatewayUnderTest(
            to: backend, rules: "- matches: [{path: {value: /here}}]\n  backendRefs: [{name: app, port: 80}]")
        defer { gateway.stop(); backend.close() }
        let stream = try gateway.connect()
        let hidden = RefusalTests.smuggled
        // Answered by the proxy itself, with the body still on its way.
        try stream.send(
            "POST /elsewhere HTTP/1.1\r\nHost: a\r\nContent-Length: \(hidden.utf8.count + 1)\r\n\r\n\(hidden)")
        #expect(try stream.readResponse().status == 404)
        let rest = try stream.readToEnd()
        #expect(rest.bytes.isEmpty)
        #expect(!backend.allReceived.contains("smuggled"))
    }

    @Test func aBackendThatAnswersEarlyCannotLeaveARequestBehind() throws {
        let backend = try TestBackend { stream, _ in
            _ = try stream.read(through: "\r\n\r\n")
            try stream.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nearly")
            while try stream.receive().end == nil {}
        }
        let gateway = try GatewayUnderTest(to: backend)
        defer { gateway.stop(); backend.close() }
        let stream = try gateway.connect()
        try stream.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n")
        #expect(try stream.readResponse().text == "early")
        try stream.send(RefusalTests.smuggled)
        #expect(try stream.readToEnd().bytes.isEmpty, "the rest of the body is not a request")
        #expect(try gateway.get("/next").text == "early")
        #expect(backend.connections == 2, "the connection with half a request on it is not used again")
        // The endpoint has what is left of the body as a body: of requests it has had two, each with the proxy's
        // fields.
        #expect(backend.allReceived.components(separatedBy: "x-forwarded-for:").count == 3)
    }

    @Test func aSlowHeadIsAnswered408() throws {
        let backend = try TestBackend()
        let gateway = try GatewayUnderTest(to: backend, flags: ["--head-timeout", "200ms"])
        defer { gateway.stop(); backend.close() }
        let stream = try gateway.connect()
        try stream.send("GET / HTTP/1.1\r\nHos")
        let response = try stream.readResponse()
        #expect(response.status == 408)
        #expect(response.closes)
        #expect(try stream.readToEnd().bytes.isEmpty)
        try gateway.counts(1, "weir_requests_total", "flag=\"client_timeout\"")
    }

    @Test func aSilentBodyIsAnswered408() throws {
        let backend = try TestBackend()
        let gateway = try GatewayUnderTest(to: backend, flags: ["--body-idle-timeout", "200ms"])
        defer { gateway.stop(); backend.close() }
        let stream = try gateway.connect()
        try stream.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf")
        let response = try stream.readResponse()
        #expect(response.status == 408)
        #expect(try stream.readToEnd().bytes.isEmpty)
    }

    @Test func aTrailerSectionOverTheLimitIsRefused() throws {
        let backend = try TestBackend()
        let gateway = try GatewayUnderTest(to: backend)
        defer { gateway.stop(); backend.close() }
        let stream = try gateway.connect()
        try stream.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n")
        _ = stream.sendNow(Array(String(repeating: "X: \(String(repeating: "a", count: 1000))\r\n", count: 20).utf8))
        #expect(try stream.readResponse().status == 431)
    }

    @Test func idleClientsAreDisconnectedAfterTheIdleTimeout() throws {
        let backend = try TestBackend()
        let gateway = try GatewayUnderTest(to: backend, flags: ["--client-idle-timeout", "200ms"])
        defer { gateway.stop(); backend.close() }
        var stream = try gateway.connect()
        var start = Clock.now()
        // A busy machine may let the first request come too late.
        try eventually("a request is served") {
            stream = try gateway.connect()
            start = Clock.now()
            return (try? stream.get("/").status) == 200
        }
        #expect(try stream.readToEnd().bytes.isEmpty)
        #expect(Clock.now() - start >= 150)
    }
}
