internal import CLinux
internal import Synchronization

/// How much an operational log line matters.
package enum LogLevel: UInt8, CaseIterable, Sendable, Comparable {
    /// Something is broken and stays so until somebody acts.
    case error
    /// Something is not as asked for; Weir works around it.
    case warn
    /// A change of state worth a line: started, snapshot published, draining.
    case info
    case debug

    package static func < (left: LogLevel, right: LogLevel) -> Bool { left.rawValue < right.rawValue }

    /// The level named `name` (`error`, `warn`, `info`, `debug`), nil when there is none.
    package init?(name: String) {
        guard let level = LogLevel.allCases.first(where: { $0.label.description == name }) else { return nil }
        self = level
    }

    package var label: StaticString {
        switch self {
        case .error: "error"
        case .warn: "warn"
        case .info: "info"
        case .debug: "debug"
        }
    }
}

/// The operational log: rare lines for the operator, `time level component message`, on standard error.
///
/// Not for the request path. A line that repeats is written a few times per window, then counted.
package enum Log {
    private static let threshold = Atomic<UInt8>(LogLevel.info.rawValue)
    private static let repeats = Mutex(RepeatFilter())
    private static let suppressed = Atomic<UInt64>(0)

    /// What is written; may be changed at any time from any thread.
    package static var level: LogLevel {
        get { LogLevel(rawValue: threshold.load(ordering: .relaxed)) ?? .info }
        set { threshold.store(newValue.rawValue, ordering: .relaxed) }
    }

    /// Lines left out because they repeated others, since the start.
    package static var suppressedLines: UInt64 { suppressed.load(ordering: .relaxed) }

    package static func error(_ component: StaticString, _ message: @autoclosure () -> String) {
        write(.error, component, message)
    }

    package static func warn(_ component: StaticString, _ message: @autoclosure () -> String) {
        write(.warn, component, message)
    }

    package static func info(_ component: StaticString, _ message: @autoclosure () -> String) {
        write(.info, component, message)
    }

    package static func debug(_ component: StaticString, _ message: @autoclosure () -> String) {
        write(.debug, component, message)
    }

    private static func write(_ level: LogLevel, _ component: StaticString, _ message: () -> String) {
        guard level.rawValue <= threshold.load(ordering: .relaxed) else { return }
        let text = message()
        let now = Timestamp.wallMilliseconds()
        let verdict = repeats.withLock { $0.judge(component: component, message: text, now: now) }
        guard case .write(let omitted) = verdict else {
            suppressed.add(1, ordering: .relaxed)
            return
        }
        let line = Log.line(level, component, text, omitted: omitted, milliseconds: now)
        // One call per line keeps lines of several threads whole; a log that cannot be written has no one to tell.
        _ = line.withUnsafeBytes { CLinux.write(2, $0.baseAddress, $0.count) }
    }

    /// The bytes of one line, newline included. Control bytes and quotes of `message` are escaped.
    static func line(
        _ level: LogLevel, _ component: StaticString, _ message: String, omitted: UInt64, milliseconds: UInt64
    ) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: TelemetryLimits.logLineBytes) { buffer, count in
            let room = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer).dropLast())
            var line = LineWriter(memory: room)
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
            buffer[line.count] = UInt8(ascii: "\n")
            count = line.count + 1
        }
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
