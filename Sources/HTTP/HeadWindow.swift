/// The part of the received bytes that may be a head, and how far it has been looked at.
enum HeadWindow {
    /// The size limit of a head that offsets can address.
    static func limit(_ limits: HTTP1Limits) -> Int {
        max(1, min(limits.headBytes, HTTP1Limits.largestHead))
    }

    /// The first `limit` bytes, to be read through a checked `Span`.
    @inline(__always)
    static func clipped(_ bytes: UnsafeRawBufferPointer, limit: Int) -> UnsafeBufferPointer<UInt8> {
        unsafe UnsafeRawBufferPointer(rebasing: bytes.prefix(limit)).assumingMemoryBound(to: UInt8.self)
    }

    /// Whether the bytes after `scanned` hold nothing that ends a line or is refused, so that parsing again would be
    /// idle.
    static func hasNothingNew(_ window: Span<UInt8>, limit: Int, scanned: inout Int) -> Bool {
        guard window.count < limit else { return false }
        let hit = LineScanner.nextControl(window, from: min(scanned, window.count))
        scanned = hit
        guard hit < window.count else { return true }
        return hit &+ 1 == window.count && window[hit] == Bytes.carriageReturn
    }

    /// Where to look on after the whole window was parsed: a CR at its end has not been judged.
    static func resumePoint(_ window: Span<UInt8>) -> Int {
        guard window.count > 0, window[window.count &- 1] == Bytes.carriageReturn else { return window.count }
        return window.count &- 1
    }
}
