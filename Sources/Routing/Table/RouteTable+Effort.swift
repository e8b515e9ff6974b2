/// What finding rules has taken, counted over as many requests as its owner likes.
package struct MatchEffort {
    /// Steps: instructions of expressions times bytes, and some for each condition.
    package var steps = 0
    /// The rule at which a request's work was ended last, because it was not brief.
    package var costlyRule: Int32 = -1

    /// No more than this is brief.
    package static var brief: Int { MatchWork.brief }

    package init() {}
}

extension RouteTable {
    /// What `matchBriefly` returns instead of a rule where finding it takes longer.
    package static let costly: Int32 = -4

    /// As `match`, where that takes little.
    package func matchBriefly(_ frontend: Int32, _ request: RequestView, _ effort: inout MatchEffort) -> Int32 {
        var work = MatchWork(isBrief: true)
        let rule = match(frontend, request, &work)
        effort.steps &+= work.units
        if rule == RouteTable.costly { effort.costlyRule = work.refused }
        return rule
    }

    /// As `match`; `time` becomes the nanoseconds of the thread's own time that it has taken.
    package func match(_ frontend: Int32, _ request: RequestView, measuring time: inout UInt64) -> Int32 {
        let start = MatchWork.threadTime()
        let rule = match(frontend, request)
        time = MatchWork.threadTime() &- start
        return rule
    }

    /// A number for the namespace whose routes a rule is reached through.
    package func namespaceHash(ofRule rule: Int32) -> UInt64 {
        guard rule >= 0 else { return 0 }
        return ByteHash.finish(rootNamespace(rule).reduce(hashSeed, ByteHash.step), 0)
    }
}
