/// A response that the proxy makes itself: status line, `server: weir`, and a short text that names the reason.
package struct LocalResponse {
    package var status: Int
    /// The text of the body; a line feed is added. ASCII.
    package var text: StaticString
    /// The connection ends after the response.
    package var closes = false
    /// The request was HEAD: the fields are those of GET, the body is left out.
    package var isHead = false
    /// The request was gRPC: the status is 200 and `grpc-status` and `grpc-message` carry the news, with no body.
    package var isGRPC = false

    package init(status: Int, text: StaticString) {
        self.status = status
        self.text = text
    }

    /// What a message refused by the codec is answered with. The connection always closes: where the next message
    /// begins is unknown.
    package init(refusing rejection: Rejection) {
        self.init(status: rejection.status, text: rejection.reason)
        closes = true
    }

    /// Writes the whole response.
    /// - Parameters:
    ///   - date: the value of the Date field, or nil to leave it out.
    ///   - lines: further field lines, each with its CRLF, such as Location.
    package func write(
        into writer: inout ByteWriter, date: UnsafeRawBufferPointer? = nil,
        lines: UnsafeRawBufferPointer? = nil
    ) {
        let statusSent = isGRPC ? 200 : status
        writer.append("HTTP/1.1 ")
        writer.append(decimal: UInt64(clamping: statusSent))
        writer.append(" ")
        writer.append(StatusText.reason(statusSent))
        writer.append("\r\nserver: weir\r\n")
        if let date = unsafe date {
            writer.append("date: ")
            unsafe writer.append(date)
            writer.append("\r\n")
        }
        if closes { writer.append("connection: close\r\n") }
        if let lines = unsafe lines { unsafe writer.append(lines) }
        isGRPC ? writeGRPC(into: &writer) : writeText(into: &writer)
    }

    /// Bytes of the body that `write` writes.
    package var bodyBytes: UInt64 { isHead || isGRPC || ResponseFraming.hasNoBody(status) ? 0 : contentLength }

    private var contentLength: UInt64 { text.utf8CodeUnitCount == 0 ? 0 : UInt64(text.utf8CodeUnitCount) &+ 1 }

    /// 1xx, 204 and 304 have no content, RFC 9110 section 8.6.
    private func writeText(into writer: inout ByteWriter) {
        guard !ResponseFraming.hasNoBody(status) else {
            writer.append("\r\n")
            return
        }
        writer.append("content-type: text/plain\r\ncontent-length: ")
        writer.append(decimal: contentLength)
        writer.append("\r\n\r\n")
        guard bodyBytes > 0 else { return }
        writer.append(text)
        writer.append("\n")
    }

    private func writeGRPC(into writer: inout ByteWriter) {
        writer.append("content-type: application/grpc\r\ngrpc-status: ")
        writer.append(decimal: UInt64(clamping: GRPCStatus.code(forHTTP: status)))
        writer.append("\r\ngrpc-message: ")
        writer.append(text)
        writer.append("\r\ncontent-length: 0\r\n\r\n")
    }
}
