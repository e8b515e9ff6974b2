/// The attempts of one request, or of one opaque connection, that nobody has asked for: after a failure of which
/// nothing but the proxy need know.
///
/// - An attempt of which the endpoint's application can have seen nothing is followed by another whatever the method.
/// - An idempotent request whose connection ended before an answer began is sent once more when the connection had been
///   idle, when the endpoint has vanished, or when the proxy chose a doubtful endpoint to find out whether it is well
///   again.
///
/// They go to endpoints that have not failed since `since`.
package struct FreeAttempts: BitwiseCopyable, Sendable {
    /// Attempts in all that one request may take, if there are as many endpoints.
    package static let limit = 10

    /// When the first of them failed; `.max` before that.
    package private(set) var since = UInt64.max
    private var failed: UInt8 = 0
    private var hasRepeated = false
    /// The last one has failed.
    private var isOver = false
    /// The present attempt sends again what an endpoint may have seen. For want of another endpoint it may go to the
    /// same one.
    package private(set) var isRepetition = false

    package init() {}

    /// The present attempt, where there is one, and those before it.
    package var count: Int { Int(failed) + (isOver ? 0 : 1) }

    /// Whether an attempt has failed before the present one.
    package var areUnderWay: Bool { failed > 0 }
    package var failures: Int { Int(failed) }

    /// Whether another attempt may follow the present one if no application sees it.
    package func mayFollowUnseen(endpoints: Int) -> Bool {
        Int(failed) + 1 < min(FreeAttempts.limit, endpoints)
    }

    /// How an attempt ended that brought no answer.
    package enum End: Sendable {
        /// The application has seen nothing of it.
        case unseen
        /// It may have been seen, and is sent again only if that does no harm.
        case repeatable
        case final
    }

    /// What became of an attempt that failed in a certain way.
    ///
    /// - Parameter isTrial: the endpoint was doubtful.
    package static func end(_ failure: EndpointFailure, isTrial: Bool) -> End {
        switch failure {
        case .refused, .applicationDown: .unseen
        case .vanished, .stale: .repeatable
        case .cut: isTrial ? .repeatable : .final
        case .inconclusive: .final
        }
    }

    /// Notes a failed attempt; true when another may follow.
    ///
    /// - Parameters:
    ///   - isWhole: the request can be sent again from its beginning.
    ///   - endpoints: of the backend.
    package mutating func mayFollow(
        _ end: End, isIdempotent: Bool, isWhole: Bool, endpoints: Int, now: UInt64
    ) -> Bool {
        if failed < .max { failed += 1 }
        since = min(since, now)
        isRepetition = false
        isOver = !(isWhole && allows(end, isIdempotent: isIdempotent, endpoints: endpoints))
        return !isOver
    }

    private mutating func allows(_ end: End, isIdempotent: Bool, endpoints: Int) -> Bool {
        switch end {
        case .final: return false
        case .unseen: return Int(failed) < min(FreeAttempts.limit, endpoints)
        case .repeatable:
            guard isIdempotent, !hasRepeated else { return false }
            hasRepeated = true
            isRepetition = true
            return true
        }
    }
}
