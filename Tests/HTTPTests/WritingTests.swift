import HTTP
import Testing

@Suite struct WritingTests {
    static func write(_ capacity: Int = 1_000, _ body: (inout ByteWriter) -> Void) -> (text: String, overflowed: Bool) {
        var memory = [UInt8](repeating: 0, count: capacity)
        return memory.withUnsafeMutableBytes {
            var writer = ByteWriter($0)
            body(&writer)
            return (String(decoding: writer.written, as: UTF8.self), writer.overflowed)
        }
    }

    @Test("numbers and text are appended; what does not fit sets the flag and writes nothing")
    func writer() {
        let numbers = Self.write {
            $0.append(decimal: 0); $0.append(","); $0.append(decimal: .max); $0.append(hex: 0xdead_0f)
        }
        #expect(numbers.text == "0,18446744073709551615dead0f")
        let full = Self.write(4) {
            $0.append("abc"); $0.append("de"); $0.append(byte: 0x66)
        }
        #expect(full.text == "abc" && full.overflowed)
        let outside = Self.write { writer in [UInt8(1)].withUnsafeBytes { writer.append($0, 0..<2) } }
        #expect(outside.text.isEmpty && outside.overflowed)
    }

    @Test("chunks, and the last one with the trailers that may pass")
    func chunks() {
        let plain = Self.write {
            ChunkEncoder.header(0, into: &$0); ChunkEncoder.header(4096, into: &$0); ChunkEncoder.last(into: &$0)
        }
        #expect(plain.text == "1000\r\n0\r\n\r\n")
        let refused = [
            "content-length", "transfer-encoding", "host", "connection", "authorization", "cookie", "set-cookie",
            "www-authenticate",
            "proxy-authenticate", "content-encoding", "content-type", "content-range", "te", "trailer", "expect",
            "cache-control",
            "x-forwarded-for", "X-Forwarded-Port", "weir-routed", "if-match", "range", "keep-alive", "upgrade",
            "location", "Transfer_Encoding", "content_length", "Set.Cookie", "if_match", "x_sum",
        ].map { "\($0): 1\r\n" }.joined()
        let section = Array(("grpc-status: 0\r\n" + refused + "X-Sum: a\r\n").utf8)
        let text = Self.write { writer in
            section.withUnsafeBytes { ChunkEncoder.last($0, trailers: 0..<$0.count, into: &writer) }
        }.text
        #expect(text == "0\r\ngrpc-status: 0\r\nX-Sum: a\r\n\r\n")
    }

    @Test("local responses: text, HEAD, gRPC, refusal, further lines")
    func local() {
        var response = LocalResponse(status: 404, text: "no rule matches")
        let text1 = Self.write { response.write(into: &$0) }.text
        #expect(
            text1
                == "HTTP/1.1 404 Not Found\r\nserver: weir\r\ncontent-type: text/plain\r\ncontent-length: 16\r\n\r\nno rule matches\n"
        )
        response.isHead = true
        let text2 = Self.write { response.write(into: &$0) }.text
        #expect(text2.hasSuffix("content-length: 16\r\n\r\n"))
        response.isGRPC = true
        let text3 = Self.write { response.write(into: &$0) }.text
        #expect(
            text3
                == "HTTP/1.1 200 OK\r\nserver: weir\r\ncontent-type: application/grpc\r\ngrpc-status: 12\r\n"
                + "grpc-message: no rule matches\r\ncontent-length: 0\r\n\r\n")
        let refusal = Self.write { LocalResponse(refusing: .bareLineFeed).write(into: &$0) }.text
        #expect(refusal.hasPrefix("HTTP/1.1 400 Bad Request\r\nserver: weir\r\nconnection: close\r\n"))
        let moved = Self.write { writer in
            Array("location: /a\r\n".utf8).withUnsafeBytes {
                LocalResponse(status: 302, text: "").write(into: &writer, lines: $0)
            }
        }.text
        #expect(
            moved.hasPrefix("HTTP/1.1 302 Found\r\nserver: weir\r\nlocation: /a\r\n")
                && moved.hasSuffix("content-length: 0\r\n\r\n"))
        let statuses = [400, 401, 403, 404, 429, 500, 502, 503, 504, 413].map(GRPCStatus.code(forHTTP:))
        #expect(statuses == [13, 16, 7, 12, 14, 14, 14, 14, 14, 2])
    }

    @Test("values: comparing, lists, gRPC content types")
    func values() {
        Array(" Gzip ,\tBR,".utf8).withUnsafeBytes { bytes in
            #expect(
                FieldValue.list(bytes, 0..<bytes.count, contains: "br")
                    && !FieldValue.list(bytes, 0..<bytes.count, contains: "b"))
            #expect(FieldValue.trimmed(bytes, 0..<6) == 1..<5 && FieldValue.equals(bytes, 1..<5, "gzip"))
            #expect(!FieldValue.equals(bytes, 1..<50, "gzip"))
        }
        for (type, grpc) in [
            ("application/grpc", true), ("Application/gRPC+proto", true), ("application/grpcx", false),
            ("text/plain", false),
        ] {
            #expect(Array(type.utf8).withUnsafeBytes { GRPCStatus.isGRPC($0, contentType: 0..<$0.count) } == grpc)
        }
    }
}
