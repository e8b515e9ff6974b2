/// Which requests the access log records.
package enum AccessLogMode: String, CaseIterable, Sendable {
    case off
    /// Those with a status of 400 and above, without a status, or with a response flag other than `local`.
    case errors
    case all

    /// Whether a request that ended so is recorded.
    package func records(status: Int, flag: ResponseFlag) -> Bool {
        switch self {
        case .off: false
        case .errors: status >= 400 || status == 0 || (flag != .none && flag != .local)
        case .all: true
        }
    }
}

/// How a record is written. Both forms are one line of printable ASCII, whatever the request held.
package enum AccessLogFormat: String, CaseIterable, Sendable {
    case text
    case json
}

/// What the access log says about one request.
///
/// The texts are borrowed: they need to live only until `AccessLogBuffer.append` returns. They may hold any bytes;
/// an empty one is left out of the line.
package struct AccessLogRecord {
    /// Milliseconds since 1970 when the request's head was complete.
    package var timestampMilliseconds: UInt64 = 0
    package var door: Door
    /// The status sent to the client, 0 when none was.
    package var status: Int = 0
    package var flag: ResponseFlag = .none
    package var method = UnsafeRawBufferPointer(start: nil, count: 0)
    package var authority = UnsafeRawBufferPointer(start: nil, count: 0)
    /// Path and query as the client sent them.
    package var path = UnsafeRawBufferPointer(start: nil, count: 0)
    /// What was addressed: `namespace/service:port`, or `namespace/gateway/listener`.
    package var frontend = UnsafeRawBufferPointer(start: nil, count: 0)
    /// `namespace/name` of the route.
    package var route = UnsafeRawBufferPointer(start: nil, count: 0)
    /// The rule's name in the route, when it has one.
    package var ruleName = UnsafeRawBufferPointer(start: nil, count: 0)
    /// The rule's place in the route, -1 when none matched.
    package var ruleIndex: Int = -1
    /// `namespace/name:port` of the backend.
    package var backend = UnsafeRawBufferPointer(start: nil, count: 0)
    /// The connection was forwarded as plain bytes; there is no request, and no status.
    package var isOpaque = false
    /// The text of an answer of Weir's own.
    package var reason: StaticString = ""
    /// Attempts at endpoints; 0 where there was none.
    package var attempts = 0
    /// `address:port` of the endpoint of the last attempt, whatever came of it.
    package var endpoint = UnsafeRawBufferPointer(start: nil, count: 0)
    /// `address:port` of the client.
    package var client = UnsafeRawBufferPointer(start: nil, count: 0)
    /// Body bytes received from the client; of an opaque connection, all bytes.
    package var requestBytes: UInt64 = 0
    /// Body bytes sent to the client.
    package var responseBytes: UInt64 = 0
    package var durationNanoseconds: UInt64 = 0
    /// From the beginning of the last attempt to the end of the request; 0 when there was no attempt.
    package var upstreamNanoseconds: UInt64 = 0

    package init(door: Door) { self.door = door }
}
