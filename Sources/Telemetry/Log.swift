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

/// The form of the operational log's lines. Both are printable ASCII, whatever a message holds.
package enum LogFormat: String, CaseIterable, Sendable {
    /// `time level component message`.
    case text
    /// An object with the members `time`, `level`, `component`, `message`.
    case json
}

/// The operational log: rare lines for the operator on standard error.
///
/// Not for the request path. A line that repeats is written a few times per window, then counted.
package enum Log {
    private static let threshold = Atomic<UInt8>(LogLevel.info.rawValue)
    private static let isJSON = Atomic<Bool>(false)
    private static let repeats = Mutex(RepeatFilter())
    private static let suppressed = Atomic<UInt64>(0)

    /// What is written; may be changed at any time from any thread.
    package static var level: LogLevel {
        get { LogLevel(rawValue: threshold.load(ordering: .relaxed)) ?? .info }
        set { threshold.store(newValue.rawValue, ordering: .relaxed) }
    }

    /// The form of what is written; may be changed at any time from any thread.
    package static var format: LogFormat {
        get { isJSON.load(ordering: .relaxed) ? .json : .text }
        set { isJSON.store(newValue == .json, ordering: .relaxed) }
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
        let line = Log.line(format, level, component, text, omitted: omitted, milliseconds: now)
        // One call per line keeps lines of several threads whole; a log that cannot be written has no one to tell.
        _ = line.withUnsafeBytes { CLinux.write(2, $0.baseAddress, $0.count) }
    }
}
