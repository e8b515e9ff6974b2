/// Hands out the resource versions of one cache: numbers that grow, of 19 digits each.
///
/// The versions of the API server cannot be passed on: it tells of no version with a removal, and a folder has none at
/// all. A version is good with the process that gave it; another replica, or the next process, must know it for a
/// stranger's and answer 410, or a proxy would miss what happened in between. So each carries 20 random bits of its
/// process, and begins with the time of its start.
struct ServedVersion {
    static let digits = 19
    private static let tagBits: UInt64 = 20
    /// Seconds are shifted by this: versions stay below 2^62, which every reader of them can count to, until 2106.
    private static let secondBits: UInt64 = 30
    private static let tagMask: UInt64 = 1 << tagBits - 1

    private let first: UInt64
    private(set) var current: UInt64

    /// - Parameters:
    ///   - seconds: since 1970, of the process's start.
    ///   - tag: random.
    init(seconds: UInt64, tag: UInt64) {
        // Never fewer digits, whatever a clock says.
        let start = max(1 << 30, min(seconds, 1 << 32 - 1))
        first = start << ServedVersion.secondBits & ~ServedVersion.tagMask | tag & ServedVersion.tagMask
        current = first
    }

    mutating func next() -> UInt64 {
        current += 1 << ServedVersion.tagBits
        return current
    }

    /// Whether this cache has given the version.
    func isOwn(_ version: UInt64) -> Bool {
        version >= first && version <= current && version & ServedVersion.tagMask == first & ServedVersion.tagMask
    }
}
