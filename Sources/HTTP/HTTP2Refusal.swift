/// The answer to a client that speaks HTTP/2 where only HTTP/1.1 is spoken: in its own protocol, so that it can show
/// the reason. Frames of RFC 9113, fields of RFC 7541.
///
/// The answer is an HTTP response for every kind of client: gRPC's take a status other than 200 for a failed call, and
/// say which.
package enum HTTP2Refusal {
    private enum Flag {
        static let endStream: UInt8 = 1
        static let acknowledgement: UInt8 = 1
        static let endHeaders: UInt8 = 4
    }

    /// NO_ERROR. HTTP_1_1_REQUIRED would be more to the point, but clients built on gRPC's C core do not survive it.
    private static let errorCode: UInt32 = 0

    /// Names by their numbers in the static table, as literals that are not indexed.
    private static let statusName: StaticString = "\u{08}"
    private static let contentTypeName: StaticString = "\u{0f}\u{10}"
    private static let dateName: StaticString = "\u{0f}\u{12}"
    private static let serverName: StaticString = "\u{0f}\u{27}"
    private static let contentType: StaticString = "text/plain"
    private static let server: StaticString = "weir"

    /// Writes the settings that a client may wait for before it sends a request: the defaults.
    package static func writeSettings(into writer: inout ByteWriter) {
        frame(HTTP2FrameType.settings, stream: 0, length: 0, into: &writer)
    }

    /// Writes the end of a connection on which `writeSettings` went before: the response to the first request, if there
    /// is one, and the reason once more for whoever looks at the frames.
    /// - Parameters:
    ///   - stream: the request's; 0 when none has come.
    ///   - date: the value of the Date field, at most 126 bytes.
    package static func write(
        _ response: LocalResponse, stream: UInt32, date: UnsafeRawBufferPointer, into writer: inout ByteWriter
    ) {
        if stream > 0 {
            // A request comes after the client's settings.
            frame(HTTP2FrameType.settings, Flag.acknowledgement, stream: 0, length: 0, into: &writer)
            unsafe writeHead(response, stream: stream, date: date, into: &writer)
            let length = response.text.utf8CodeUnitCount + 1
            frame(HTTP2FrameType.data, Flag.endStream, stream: stream, length: length, into: &writer)
            writer.append(response.text)
            writer.append("\n")
        }
        frame(HTTP2FrameType.goAway, stream: 0, length: 8 + response.text.utf8CodeUnitCount, into: &writer)
        append(stream, into: &writer)
        append(errorCode, into: &writer)
        writer.append(response.text)
    }

    private static func writeHead(
        _ response: LocalResponse, stream: UInt32, date: UnsafeRawBufferPointer, into writer: inout ByteWriter
    ) {
        let statusDigits = 3
        let length =
            size(statusName, statusDigits) + size(contentTypeName, contentType.utf8CodeUnitCount)
            + size(dateName, date.count) + size(serverName, server.utf8CodeUnitCount)
        frame(HTTP2FrameType.headers, Flag.endHeaders, stream: stream, length: length, into: &writer)
        begin(statusName, statusDigits, into: &writer)
        writer.append(decimal: UInt64(clamping: response.status))
        begin(contentTypeName, contentType.utf8CodeUnitCount, into: &writer)
        writer.append(contentType)
        begin(dateName, date.count, into: &writer)
        unsafe writer.append(date)
        begin(serverName, server.utf8CodeUnitCount, into: &writer)
        writer.append(server)
    }

    /// Bytes of a field with a value of this length.
    private static func size(_ name: StaticString, _ valueLength: Int) -> Int {
        name.utf8CodeUnitCount + 1 + valueLength
    }

    /// Writes a field up to its value, which is shorter than 127 bytes.
    private static func begin(_ name: StaticString, _ valueLength: Int, into writer: inout ByteWriter) {
        writer.append(name)
        writer.append(byte: UInt8(truncatingIfNeeded: valueLength))
    }

    private static func frame(
        _ type: UInt8, _ flags: UInt8 = 0, stream: UInt32, length: Int, into writer: inout ByteWriter
    ) {
        append(UInt32(truncatingIfNeeded: length) << 8 | UInt32(type), into: &writer)
        writer.append(byte: flags)
        append(stream, into: &writer)
    }

    private static func append(_ number: UInt32, into writer: inout ByteWriter) {
        for shift in stride(from: 24, through: 0, by: -8) {
            writer.append(byte: UInt8(truncatingIfNeeded: number >> UInt32(shift)))
        }
    }
}
