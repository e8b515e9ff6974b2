/// The most that each of several tenants may have of a total: all that they ask for, and where the total does not
/// suffice, so much that those give way that ask for most (max-min fairness). Nobody who asks for no more than an equal
/// part has to.
package struct FairShares {
    /// Nil while there is enough for everybody.
    package let level: Int?

    package init(of total: Int, among demands: some Sequence<Int>) {
        let demands = demands.sorted()
        var left = max(total, 0)
        for (position, demand) in demands.enumerated() {
            let equal = left / (demands.count - position)
            guard demand <= equal else {
                level = equal
                return
            }
            left -= demand
        }
        level = nil
    }
}
