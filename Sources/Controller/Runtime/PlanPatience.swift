/// Whether a plan that is being made is given up because there is something newer to plan: once it has taken long, and
/// then the next is made to its end whatever happens meanwhile. So what is new waits for one plan at most, and changes
/// without end keep nobody waiting for ever. Pure; nanoseconds of any clock.
struct PlanPatience {
    /// A plan that takes less is not worth beginning anew.
    private let least: UInt64
    private var began: UInt64?
    private var isLastGivenUp = false

    init(least: UInt64 = 2_000_000_000) { self.least = least }

    mutating func begin(now: UInt64) { began = now }

    mutating func end(isGivenUp: Bool) {
        began = nil
        isLastGivenUp = isGivenUp
    }

    /// Something is new. Returns when the plan under way is to be given up for it; nil when it is not, or none is being
    /// made.
    func due() -> UInt64? {
        guard let began, !isLastGivenUp else { return nil }
        return began &+ least
    }
}
