internal import HTTP
internal import Reactor

/// The text of the Date field, made anew once a second.
final class DateClock {
    private let text: UnsafeMutableRawBufferPointer
    /// When the second that the text names is over, on the worker's clock.
    private var dueAt: UInt64 = 0

    init() {
        text = .allocate(byteCount: HTTPDate.length, alignment: 1)
    }

    deinit { text.deallocate() }

    /// The present date.
    /// - Parameter now: the worker's clock.
    func date(now: UInt64) -> UnsafeRawBufferPointer {
        if now >= dueAt { renew(now) }
        return UnsafeRawBufferPointer(text)
    }

    private func renew(_ now: UInt64) {
        let milliseconds = Clock.wallMilliseconds()
        var writer = ByteWriter(text)
        HTTPDate.write(secondsSince1970: milliseconds / 1000, into: &writer)
        dueAt = now &+ (1000 - milliseconds % 1000) * ProxyLimits.millisecond
    }
}
