/// The least rate at which a request's body has to come, and a response be taken (`UntakenOutput`), so that a client
/// that moves a byte now and then does not hold a place for ever: on average so many bytes a second over any stretch as
/// long as the grace.
///
/// Of a request's body told as a deadline: each byte moves it further, but never further than the grace from now. So a
/// client may fall silent for as long as that at any time, however fast it has been before; one that goes on for long
/// has to keep to the rate.
struct LeastRate {
    private let grace: UInt64
    /// 0: there is no least rate.
    private let nanosecondsPerByte: UInt64

    /// - Parameters:
    ///   - bytesPerSecond: 0: none.
    ///   - grace: nanoseconds.
    init(bytesPerSecond: UInt64, grace: UInt64) {
        self.grace = grace
        nanosecondsPerByte = bytesPerSecond == 0 ? 0 : max(1, ProxyLimits.second / bytesPerSecond)
    }

    /// When the first bytes have to be there; 0: never.
    func firstDeadline(now: UInt64) -> UInt64 { nanosecondsPerByte == 0 ? 0 : now &+ grace }

    /// The deadline after further bytes; one that has passed meanwhile, because it was not the client that was waited
    /// for, counts from now.
    func deadline(_ current: UInt64, after count: UInt64, now: UInt64) -> UInt64 {
        guard current > 0 else { return 0 }
        let (earned, isBeyond) = count.multipliedReportingOverflow(by: nanosecondsPerByte)
        return isBeyond ? now &+ grace : min(max(current, now) &+ min(earned, grace), now &+ grace)
    }

    /// So many bytes suffice for a stretch of time. Without a rate any do.
    func isKept(by count: UInt64, over stretch: UInt64) -> Bool {
        let (earned, isBeyond) = count.multipliedReportingOverflow(by: nanosecondsPerByte)
        return count > 0 && (nanosecondsPerByte == 0 || isBeyond || earned >= stretch)
    }
}
