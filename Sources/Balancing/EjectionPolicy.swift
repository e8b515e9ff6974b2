/// When and for how long an endpoint that fails is passed over. Times in nanoseconds.
package enum EjectionPolicy {
    /// The pause after the first ejection; doubled with each further one.
    package static let firstPause: UInt64 = 500_000_000
    package static let longestPause: UInt64 = 30_000_000_000
    /// The longest pause of an endpoint that fails when half of its backend is ejected already: those that are left
    /// should be back as soon as they can be.
    package static let longestAvoidance: UInt64 = 2_000_000_000
    /// An endpoint that has been well for this long begins with the first pause again.
    package static let memory: UInt64 = 30_000_000_000
    /// Pauses that a request waits which could not be repeated elsewhere, before it is the one that tries an endpoint.
    package static let cautiousPauses: UInt64 = 4

    /// Suspicion at which an endpoint is ejected. Each answer takes one away.
    static let intolerable: UInt8 = 9

    /// The pause after `ejections` (1...) ejections in a row.
    package static func pause(ejections: UInt8) -> UInt64 {
        // 2^6 * 0.5 s is past the longest pause.
        min(longestPause, firstPause << UInt64(min(max(ejections, 1) - 1, 6)))
    }

    /// Endpoints of a backend of `count` that may be ejected at once.
    static func mostEjected(of count: Int) -> Int { count / 2 }
}

/// A way in which an attempt at an endpoint came to nothing.
package enum EndpointFailure: Sendable {
    /// No connection was made: refused, not accepted in time, or unreachable.
    case refused
    /// The endpoint's own proxy has no application to give the request to.
    case applicationDown
    /// Bytes that were sent are not acknowledged any more: the endpoint or the way to it is gone.
    case vanished
    /// The connection ended, or the time was up, before an answer began.
    case cut
    /// As `cut`, on a connection that had been idle: perhaps nothing but the end of its idle time.
    case stale
    /// As `cut`, but the client kept the exchange from going on: that says nothing of the endpoint.
    case inconclusive

    /// Suspicion that the failure adds against the endpoint: one of the first three ejects alone, three of the fourth
    /// do, or more than one in four in the long run.
    var suspicion: UInt8 {
        switch self {
        case .refused, .applicationDown, .vanished: EjectionPolicy.intolerable
        case .cut: 3
        case .stale, .inconclusive: 0
        }
    }
}
