extension AccessLogRecord {
    /// Bytes of a field beyond which it is cut; escaped sixfold, all of them fit in one buffer.
    private enum FieldLimit {
        static let method = 32
        static let authority = 256
        static let path = 2_048
        static let name = 512
        static let address = 64
    }

    /// Writes the record as one line, its newline included.
    func write(to line: inout LineWriter, format: AccessLogFormat) {
        switch format {
        case .text: writeText(to: &line)
        case .json: writeJSON(to: &line)
        }
    }

    private func writeText(to line: inout LineWriter) {
        line.write(timestamp: timestampMilliseconds)
        line.write(" ")
        line.write(door.label)
        line.write(" ")
        if isOpaque { line.write("tcp") } else { line.write(number: boundedStatus) }
        line.write(" ")
        line.write(flag.label)
        text(" method=", method, FieldLimit.method, &line)
        text(" authority=", authority, FieldLimit.authority, &line)
        text(" path=", path, FieldLimit.path, &line)
        text(" frontend=", frontend, FieldLimit.name, &line)
        text(" route=", route, FieldLimit.name, &line)
        if ruleIndex >= 0 {
            line.write(" rule=")
            line.write(number: UInt64(ruleIndex))
        }
        text(" rule_name=", ruleName, FieldLimit.name, &line)
        text(" backend=", backend, FieldLimit.name, &line)
        text(" endpoint=", endpoint, FieldLimit.address, &line)
        if attempts > 1 {
            line.write(" attempts=")
            line.write(number: UInt64(attempts))
        }
        text(" reason=", reasonBytes, FieldLimit.name, &line)
        text(" client=", client, FieldLimit.address, &line)
        line.write(" request_bytes=")
        line.write(number: requestBytes)
        line.write(" response_bytes=")
        line.write(number: responseBytes)
        line.write(" duration_ms=")
        line.write(milliseconds: durationNanoseconds)
        if upstreamNanoseconds > 0 {
            line.write(" upstream_ms=")
            line.write(milliseconds: upstreamNanoseconds)
        }
        line.write("\n")
    }

    private func writeJSON(to line: inout LineWriter) {
        line.write("{\"time\":\"")
        line.write(timestamp: timestampMilliseconds)
        line.write("\",\"door\":\"")
        line.write(door.label)
        if isOpaque {
            line.write("\",\"protocol\":\"tcp\"")
        } else {
            line.write("\",\"status\":")
            line.write(number: boundedStatus)
        }
        line.write(",\"flag\":\"")
        line.write(flag.label)
        line.write("\"")
        json(",\"method\":", method, FieldLimit.method, &line)
        json(",\"authority\":", authority, FieldLimit.authority, &line)
        json(",\"path\":", path, FieldLimit.path, &line)
        json(",\"frontend\":", frontend, FieldLimit.name, &line)
        json(",\"route\":", route, FieldLimit.name, &line)
        if ruleIndex >= 0 {
            line.write(",\"rule\":")
            line.write(number: UInt64(ruleIndex))
        }
        json(",\"rule_name\":", ruleName, FieldLimit.name, &line)
        json(",\"backend\":", backend, FieldLimit.name, &line)
        json(",\"endpoint\":", endpoint, FieldLimit.address, &line)
        if attempts > 1 {
            line.write(",\"attempts\":")
            line.write(number: UInt64(attempts))
        }
        json(",\"reason\":", reasonBytes, FieldLimit.name, &line)
        json(",\"client\":", client, FieldLimit.address, &line)
        line.write(",\"request_bytes\":")
        line.write(number: requestBytes)
        line.write(",\"response_bytes\":")
        line.write(number: responseBytes)
        line.write(",\"duration_ms\":")
        line.write(milliseconds: durationNanoseconds)
        if upstreamNanoseconds > 0 {
            line.write(",\"upstream_ms\":")
            line.write(milliseconds: upstreamNanoseconds)
        }
        line.write("}\n")
    }

    private var reasonBytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: reason.utf8Start, count: reason.utf8CodeUnitCount)
    }

    private var boundedStatus: UInt64 { UInt64(min(max(status, 0), 999)) }

    private func text(
        _ name: StaticString, _ bytes: UnsafeRawBufferPointer, _ limit: Int, _ line: inout LineWriter
    ) {
        guard !bytes.isEmpty else { return }
        line.write(name)
        line.write(quoted: UnsafeRawBufferPointer(rebasing: bytes.prefix(limit)))
    }

    private func json(
        _ name: StaticString, _ bytes: UnsafeRawBufferPointer, _ limit: Int, _ line: inout LineWriter
    ) {
        guard !bytes.isEmpty else { return }
        line.write(name)
        line.write(json: UnsafeRawBufferPointer(rebasing: bytes.prefix(limit)))
    }
}
