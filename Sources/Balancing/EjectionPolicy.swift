/// How long an endpoint that could not be connected to is passed over. Nanoseconds.
package enum EjectionPolicy {
    /// After the first failure; doubled with each further failure in a row.
    package static let firstPause: UInt64 = 500_000_000
    package static let longestPause: UInt64 = 30_000_000_000

    /// The pause after `failures` (1...) failures in a row.
    package static func pause(failures: UInt16) -> UInt64 {
        // 2^6 * 0.5 s is past the longest pause.
        min(longestPause, firstPause << UInt64(min(max(failures, 1) - 1, 6)))
    }
}
