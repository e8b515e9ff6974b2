/// The bounds and defaults of name resolution, in one place. Times are nanoseconds of a monotonic clock.
package enum ResolverLimits {
    static let second: UInt64 = 1_000_000_000

    /// Names resolved at a time; names beyond it stay unresolved and are reported.
    package static let names = 4_096
    /// Bytes of a name (RFC 1035, section 2.3.4, without the root's dot).
    static let nameBytes = 253
    /// Addresses kept per name and family.
    package static let addressesPerFamily = 128
    /// Names asked for at the same moment.
    static let inFlight = 64

    /// An answer is used at least so long, however small its TTL.
    package static let minimumTTL = second
    /// An answer is refreshed at least so often, however large its TTL.
    package static let maximumTTL = 300 * second

    /// Delay after the first failure; doubles with each further one.
    static let firstBackoff = second
    /// Delay after many failures.
    static let maximumBackoff = 60 * second

    /// Consecutive answers "no such name" before the last good addresses are given up: one broken answer of one
    /// server must not take a backend away.
    static let absencesBeforeClearing = 3

    /// How long one server may take for one try.
    package static let tryMilliseconds: Int32 = 2_000
    /// Tries per server.
    static let tries: Int32 = 2
    /// Socket events handled per call of the kernel.
    static let eventsPerWait = 16
}
