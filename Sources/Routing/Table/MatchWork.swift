internal import Glibc

/// The work of finding one request's rule, in units of some nanoseconds. Whatever the routes of a hostname and the
/// request are, it ends after a bounded time: the request is then refused, since going on without the expressions that
/// are left could open a broader rule.
struct MatchWork {
    /// What a request may take before anything is measured: 2 ms at worst, where each unit stands for a step of an
    /// expression, and far less for nearly all, which take a step a byte.
    static let unmeasured = 1 << 18
    /// Units between two looks at the clock.
    static let interval = 1 << 16
    /// Nanoseconds of the thread's own time that a request may take from then on.
    static let allowance: UInt64 = 2_000_000
    /// What is brief: some 0.1 ms at worst.
    static let brief = 1 << 14

    /// Which of the request's texts is too long for what would have to be run on it; or none, but the work is not
    /// brief.
    enum Refusal {
        case target
        case field
        case costly
    }

    private(set) var refusal: Refusal?
    /// Index look-ups and matches looked at: what the cost of a request is made of where no expression is.
    var probes = 0
    private(set) var units = 0
    private var nextLook: Int
    private let isBrief: Bool
    private var start: UInt64 = 0
    /// The rule of the match that was looked at when the work was ended.
    var refused: Int32 = -1

    /// - Parameter isBrief: the work ends where it is not brief any more.
    init(isBrief: Bool = false) {
        self.isBrief = isBrief
        nextLook = isBrief ? MatchWork.brief : MatchWork.unmeasured
    }

    /// Takes note of some work on one of the request's texts that is cheap by itself. False when there has been too
    /// much.
    @inline(__always)
    mutating func spend(_ amount: Int, on text: Refusal) -> Bool {
        units &+= amount
        return units < nextLook || look(text)
    }

    /// Whether an expression may be run on a text.
    mutating func admits(_ expression: ExpressionProgram, _ length: Int, of text: Refusal) -> Bool {
        let (steps, overflow) = length.multipliedReportingOverflow(by: Int(expression.size))
        guard length <= ExpressionLimits.textLength, !overflow, steps <= ExpressionLimits.steps else {
            refusal = text
            return false
        }
        return spend(steps + 16, on: text)
    }

    private mutating func look(_ text: Refusal) -> Bool {
        if refusal != nil { return false }
        guard !isBrief else {
            refusal = .costly
            return false
        }
        nextLook = units &+ MatchWork.interval
        let now = MatchWork.threadTime()
        if start == 0 {
            start = max(now, 1)
        } else if now &- start > MatchWork.allowance {
            refusal = text
            return false
        }
        return true
    }

    /// Nanoseconds that the thread has run. Not of the wall: a machine that is busy refuses nobody.
    static func threadTime() -> UInt64 {
        var time = timespec()
        guard clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0 else { return 0 }
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }
}
