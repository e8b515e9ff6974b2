/// How a connection that says nothing is asked whether its peer is still there (SO_KEEPALIVE, tcp(7)).
package struct Keepalive: Sendable, Equatable {
    /// Questions without an answer after which the kernel ends the connection.
    package static let probes: Int32 = 3

    /// Whole seconds of silence before the first question; 0: nothing is asked.
    package var idleSeconds: Int32
    /// Whole seconds between two questions.
    package var intervalSeconds: Int32

    /// - Parameter silence: nanoseconds before the first question, rounded up to whole seconds; the others follow at a
    ///   fifth of it. 0: nothing is asked.
    package init(after silence: UInt64) {
        idleSeconds = Keepalive.seconds(silence)
        intervalSeconds = silence == 0 ? 0 : max(1, Keepalive.seconds(silence / 5))
    }

    /// The kernel takes 1 to 32,767 seconds.
    private static func seconds(_ nanoseconds: UInt64) -> Int32 {
        guard nanoseconds > 0 else { return 0 }
        return Int32(clamping: min((nanoseconds - 1) / 1_000_000_000 + 1, 32_767))
    }
}
