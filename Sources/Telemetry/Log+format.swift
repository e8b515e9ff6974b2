extension Log {
    /// Room that the end of a JSON line takes behind a message that was cut.
    private static let jsonEnd = 64

    /// The bytes of one line, newline included. Control bytes of `message` are escaped; what is too long is cut.
    ///
    /// - Parameter omitted: equal lines that were left out before this one.
    static func line(
        _ format: LogFormat, _ level: LogLevel, _ component: StaticString, _ message: String, omitted: UInt64,
        milliseconds: UInt64
    ) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: TelemetryLimits.logLineBytes) { buffer, count in
            let room = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer).dropLast())
            var line = LineWriter(memory: room)
            switch format {
            case .text: writeText(level, component, message, omitted: omitted, milliseconds, to: &line)
            case .json: writeJSON(level, component, message, omitted: omitted, milliseconds, to: &line)
            }
            buffer[line.count] = UInt8(ascii: "\n")
            count = line.count + 1
        }
    }

    private static func writeText(
        _ level: LogLevel, _ component: StaticString, _ message: String, omitted: UInt64, _ milliseconds: UInt64,
        to line: inout LineWriter
    ) {
        line.write(timestamp: milliseconds)
        line.write(" ")
        line.write(level.label)
        line.write(" ")
        line.write(component)
        line.write(" ")
        for byte in message.utf8 { line.write(message: byte) }
        if omitted > 0 {
            line.write(" (repeated, left out before: ")
            line.write(number: omitted)
            line.write(")")
        }
    }

    private static func writeJSON(
        _ level: LogLevel, _ component: StaticString, _ message: String, omitted: UInt64, _ milliseconds: UInt64,
        to line: inout LineWriter
    ) {
        line.write("{\"time\":\"")
        line.write(timestamp: milliseconds)
        line.write("\",\"level\":\"")
        line.write(level.label)
        line.write("\",\"component\":\"")
        line.write(component)
        line.write("\",\"message\":")
        // A byte takes up to six as JSON: what might not fit is cut before it is written, so that the line stays JSON.
        let room = (TelemetryLimits.logLineBytes - line.count - jsonEnd) / 6
        var bytes = Array(message.utf8)
        if bytes.count > room { bytes = Array(String(decoding: bytes.prefix(room), as: UTF8.self).utf8) }
        bytes.withUnsafeBytes { line.write(json: $0) }
        if omitted > 0 {
            line.write(",\"repeated\":")
            line.write(number: omitted)
        }
        line.write("}")
    }
}

extension LineWriter {
    /// Writes a byte of an operational message: text stays readable, control bytes do not get through.
    fileprivate mutating func write(message byte: UInt8) {
        if byte >= 0x20 && byte <= 0x7E {
            write(byte: byte)
        } else {
            withUnsafeBytes(of: byte) { write(escaped: $0) }
        }
    }
}
