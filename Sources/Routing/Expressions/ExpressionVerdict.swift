/// What is known of a regular expression without its program.
package enum ExpressionVerdict: Hashable, Sendable {
    /// Instructions of its program.
    case usable(size: Int)
    /// It is valid, and beyond a limit: which texts it matches is not found out.
    case tooLarge(reason: String)
    /// RE2 does not read it, for this reason in RE2's words.
    case invalid(reason: String)

    /// Why it cannot be used; nil when it can.
    package var problem: String? {
        switch self {
        case .usable: nil
        case .tooLarge(let reason), .invalid(let reason): reason
        }
    }

    /// What finding it out and keeping it weighs in a namespace's total.
    var cost: Int {
        switch self {
        case .usable(let size): ExpressionLimits.cost(ofSize: size)
        case .tooLarge: ExpressionLimits.cost(ofSize: ExpressionLimits.programSize)
        case .invalid: ExpressionLimits.cost(ofSize: 0)
        }
    }
}
