import Foundation
import Reactor
import Testing

@testable import Telemetry

/// One formatted line of a record that `change` has altered.
func line(
    _ format: AccessLogFormat, path: [UInt8] = Array("/".utf8), _ change: (inout AccessLogRecord) -> Void = { _ in }
)
    -> [UInt8]
{
    let memory = UnsafeMutableRawBufferPointer.allocate(
        byteCount: TelemetryLimits.accessLogBufferBytes, alignment: 16)
    defer { memory.deallocate() }
    return path.withUnsafeBytes { bytes in
        var record = AccessLogRecord(door: .inbound)
        record.path = bytes
        change(&record)
        var line = LineWriter(memory: memory)
        record.write(to: &line, format: format)
        #expect(!line.overflowed)
        return Array(memory.prefix(line.count))
    }
}

/// Calls `body` with a pipe's reading and writing end.
func withPipe(_ body: (Int32, Int32) throws -> Void) throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    for end in ends { try #require(fcntl(end, F_SETFD, FD_CLOEXEC) == 0) }
    // Only the reading end: the sink must not depend on the other being non-blocking.
    try #require(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0)
    defer { for end in ends where end >= 0 { close(end) } }
    try body(ends[0], ends[1])
}

func readAll(_ descriptor: Int32) -> [UInt8] {
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = read(descriptor, &buffer, buffer.count)
        guard count > 0 else { return all }
        all += buffer.prefix(count)
    }
}

@Suite struct AccessLogFormatTests {
    @Test func aTextLineHasTheFieldsInOrder() {
        let text = line(.text, path: Array("/a?b=1".utf8)) { record in
            record.timestampMilliseconds = 1_769_903_999_123
            record.status = 200
            record.ruleIndex = 2
            record.requestBytes = 5
            record.responseBytes = 70
            record.durationNanoseconds = 1_234_567
        }
        #expect(
            String(decoding: text, as: UTF8.self)
                == "2026-01-31T23:59:59.123Z inbound 200 none path=\"/a?b=1\" rule=2 request_bytes=5 "
                + "response_bytes=70 duration_ms=1.234\n")
    }

    @Test func aJSONLineParsesToItsFields() throws {
        let json = line(.json, path: Array("/caf\u{e9}/\u{1F600}\"\\".utf8)) { record in
            record.status = 503
            record.flag = .noEndpoint
            record.upstreamNanoseconds = 2_000_000
        }
        let object = try #require(try JSONSerialization.jsonObject(with: Data(json)) as? [String: Any])
        #expect(object["path"] as? String == "/caf\u{e9}/\u{1F600}\"\\")
        #expect(object["status"] as? Int == 503)
        #expect(object["flag"] as? String == "no_endpoint")
        #expect(object["upstream_ms"] as? Double == 2)
        #expect(object["rule"] == nil && object["method"] == nil)
    }

    @Test(arguments: AccessLogFormat.allCases)
    func hostileBytesMakeOneLineOfPrintableASCII(format: AccessLogFormat) throws {
        var random = SplitMix64(seed: 1)
        var paths: [[UInt8]] = [
            Array(0...255), Array("\n\r\t\u{1b}[2J\u{9b}\u{2028}".utf8), [0xC0, 0x80], [0xED, 0xA0, 0x80],
            [0xF0, 0x9F],
            [0xF4, 0x90, 0x80, 0x80], [0xE0, 0x80, 0x80], [0xFF],
        ]
        for _ in 0..<500 { paths.append((0..<64).map { _ in UInt8.random(in: 0...255, using: &random) }) }
        for path in paths {
            let written = line(format, path: path)
            #expect(written.last == 0x0A)
            #expect(written.dropLast().allSatisfy { $0 >= 0x20 && $0 <= 0x7E })
            if format == .json {
                let object = try JSONSerialization.jsonObject(with: Data(written)) as? [String: Any]
                // The reader's idea of the bytes and ours agree wherever they are UTF-8.
                if let valid = String(validating: path, as: UTF8.self) { #expect(object?["path"] as? String == valid) }
            }
        }
    }

    @Test func textEscapesKeepEveryByteApart() {
        let written = line(.text, path: [0x22, 0x5C, 0x0A, 0xFF, 0x78])
        #expect(String(decoding: written, as: UTF8.self).contains(#"path="\"\\\x0a\xffx""#))
    }

    @Test func theLongestHostileRecordFitsInOneBuffer() {
        let bytes = [UInt8](repeating: 0xFF, count: 100_000)
        bytes.withUnsafeBytes { raw in
            for format in AccessLogFormat.allCases {
                let written = line(format, path: bytes) { record in
                    (record.method, record.authority, record.route) = (raw, raw, raw)
                    (record.ruleName, record.backend, record.endpoint, record.client) = (raw, raw, raw, raw)
                    (record.status, record.ruleIndex) = (.max, .max)
                    (record.requestBytes, record.responseBytes) = (.max, .max)
                    (record.durationNanoseconds, record.upstreamNanoseconds) = (.max, .max)
                    record.timestampMilliseconds = .max
                }
                #expect(written.last == 0x0A)
            }
        }
    }

    @Test func theErrorModeRecordsWhatWentWrong() {
        #expect(!AccessLogMode.errors.records(status: 200, flag: .none))
        #expect(!AccessLogMode.errors.records(status: 302, flag: .local))
        #expect(AccessLogMode.errors.records(status: 404, flag: .none))
        #expect(AccessLogMode.errors.records(status: 0, flag: .clientDisconnect))
        #expect(AccessLogMode.errors.records(status: 200, flag: .upstreamReset))
        #expect(!AccessLogMode.off.records(status: 500, flag: .internalError))
    }

    @Test(
        arguments: [
            (0, 1970, 1, 1), (951_782_400_000, 2000, 2, 29), (1_709_164_800_000, 2024, 2, 29),
            (4_107_542_400_000, 2100, 3, 1), (253_402_300_799_999, 9999, 12, 31), (UInt64.max, 9999, 12, 31),
        ] as [(UInt64, Int, Int, Int)])
    func aMomentHasItsCalendarDay(milliseconds: UInt64, year: Int, month: Int, day: Int) {
        let time = Timestamp(milliseconds: milliseconds)
        #expect((time.year, time.month, time.day) == (year, month, day))
    }
}

@Suite struct AccessLogSinkTests {
    @Test func recordsOfAnAgedBufferReachTheDescriptor() throws {
        try withPipe { reader, writer in
            let sink = AccessLogSink(descriptor: writer)
            let buffer = AccessLogBuffer(mode: .all, format: .text, sink: sink, shard: MetricsShard())
            #expect(buffer.deadline == nil)
            buffer.append(AccessLogRecord(door: .gateway), now: 100)
            #expect(buffer.deadline == 100 + TelemetryLimits.accessLogMaximumAge)
            buffer.flushIfAged(now: 101)
            #expect(sink.drain() == .drained && readAll(reader).isEmpty)
            buffer.flushIfAged(now: 100 + TelemetryLimits.accessLogMaximumAge)
            #expect(buffer.deadline == nil)
            #expect(sink.drain() == .drained)
            #expect(readAll(reader).filter { $0 == 0x0A }.count == 1)
        }
    }

    @Test func linesStayWholeAndInOrderOverManyBuffers() throws {
        try withPipe { reader, writer in
            let sink = AccessLogSink(descriptor: writer)
            let shard = MetricsShard()
            let buffer = AccessLogBuffer(mode: .all, format: .text, sink: sink, shard: shard)
            var output: [UInt8] = []
            for index in 0..<5_000 {
                var record = AccessLogRecord(door: .outbound)
                record.requestBytes = UInt64(index)
                buffer.append(record, now: 0)
                while sink.drain() == .blocked { output += readAll(reader) }
            }
            buffer.flush()
            while sink.drain() == .blocked { output += readAll(reader) }
            output += readAll(reader)
            let lines = String(decoding: output, as: UTF8.self).split(separator: "\n")
            #expect(lines.count == 5_000)
            for (index, line) in lines.enumerated() { #expect(line.contains("request_bytes=\(index) ")) }
            #expect(shard.value(.accessLogRecordsDropped) == 0)
        }
    }

    /// Nobody reads the pipe: the sink neither blocks nor grows, and every record is either kept or counted.
    @Test func aSlowReaderCostsRecordsNotTime() throws {
        try withPipe { reader, writer in
            let sink = AccessLogSink(descriptor: writer)
            let shard = MetricsShard()
            let buffer = AccessLogBuffer(mode: .all, format: .text, sink: sink, shard: shard)
            let count = 40_000
            for _ in 0..<count {
                buffer.append(AccessLogRecord(door: .outbound), now: 0)
            }
            buffer.flush()
            #expect(sink.drain() == .blocked)
            let dropped = Int(shard.value(.accessLogRecordsDropped))
            #expect(dropped > 0)
            var lines = 0
            while sink.drain() == .blocked { lines += readAll(reader).filter { $0 == 0x0A }.count }
            lines += readAll(reader).filter { $0 == 0x0A }.count
            #expect(lines + dropped == count)
        }
    }

    @Test func aBrokenDescriptorFailsAndDropsWhatWaits() throws {
        // Open, but not for writing. A closed number would be another test's descriptor by now.
        let readOnly = open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer { close(readOnly) }
        let sink = AccessLogSink(descriptor: readOnly)
        #expect(sink.drain() == .drained)
        let buffer = AccessLogBuffer(mode: .all, format: .text, sink: sink, shard: MetricsShard())
        buffer.append(AccessLogRecord(door: .outbound), now: 0)
        buffer.flush()
        #expect(sink.drain() == .failed(errno: EBADF, dropped: 1))
        #expect(sink.drain() == .drained)
    }
}
