/// Problems in the order in which they are to be mended: first those that stand for themselves, in the order given,
/// then their consequences, with a word about the cause. A mistake in a file or an object makes others seem wrong that
/// are not.
package struct RootCauses {
    private struct Origin {
        var position: Int
        var isCertain: Bool
    }

    private let problems: [Problem]
    /// Of each problem its cause.
    private var origins: [Origin?]
    /// Problems of files and texts of which nothing is known.
    private let unreadable: [Int]

    package static func first(_ problems: [Problem]) -> [Problem] { RootCauses(problems).ordered() }

    private init(_ problems: [Problem]) {
        self.problems = problems
        origins = Array(repeating: nil, count: problems.count)
        unreadable = problems.indices.filter { problems[$0].id == .unreadableSource && !problems[$0].file.isEmpty }
        let index = ProblemIndex(problems)
        for (position, problem) in problems.enumerated() {
            for cause in problem.follows where origins[position] == nil {
                origins[position] = first(of: index.positions(of: cause), behind: position).map {
                    Origin(position: $0, isCertain: cause.isCertain)
                }
            }
        }
    }

    /// The first that can be the cause, if possible one that stands for itself.
    private func first(of candidates: [Int], behind position: Int) -> Int? {
        let possible = candidates.filter { mayCause($0, position) }
        return possible.first { origins[$0] == nil } ?? possible.first
    }

    /// As grave, and not itself a consequence of the other.
    private func mayCause(_ candidate: Int, _ position: Int) -> Bool {
        guard problems[candidate].severity == .error || problems[position].severity == .warning else { return false }
        var next: Int? = candidate
        while let step = next {
            if step == position { return false }
            next = origins[step]?.position
        }
        return true
    }

    private func ordered() -> [Problem] {
        var consequences: [Int: [Int]] = [:]
        var roots: [Int] = []
        for position in problems.indices {
            if let origin = origins[position] {
                consequences[origin.position, default: []].append(position)
            } else {
                roots.append(position)
            }
        }
        var order = roots.filter { !isInDoubt($0) } + roots.filter(isInDoubt)
        var waiting = Array(order.flatMap { consequences[$0] ?? [] }.reversed())
        while let next = waiting.popLast() {
            order.append(next)
            waiting += (consequences[next] ?? []).reversed()
        }
        return order.map(explained)
    }

    /// What is missing may be in a file that cannot be read.
    private func isInDoubt(_ position: Int) -> Bool {
        !unreadable.isEmpty && origins[position] == nil && !problems[position].dependsOn.isEmpty
    }

    private func explained(_ position: Int) -> Problem {
        var problem = problems[position]
        if let origin = origins[position] {
            let cause = problems[origin.position]
            // It is there, and cannot be used.
            problem.message.replace("\(cause.object) does not exist", with: "\(cause.object) cannot be used")
            let owner = cause.object == problem.object ? "" : " of \(cause.object)"
            let doubt = origin.isCertain ? "" : "perhaps "
            problem.hasCause = true
            problem.message += " (\(doubt)because of \(cause.id)\(owner))"
        } else if isInDoubt(position) {
            let files = Set(unreadable.map { problems[$0].file })
            let place = files.count == 1 ? files.first ?? "" : "one of \(files.count) files"
            problem.message +=
                " (unless what is missing is in \(place), which cannot be read: \(ProblemID.unreadableSource))"
        }
        return problem
    }
}

/// Finds the problems that a cause speaks of.
private struct ProblemIndex {
    private let problems: [Problem]
    private var byObject: [Substring: [Int]] = [:]
    /// By `Kind namespace/`.
    private var byNamespace: [Substring: [Int]] = [:]
    /// Objects of kinds that are not known, by their names: a misspelt kind hides what others refer to.
    private var strangers: [Substring: [Int]] = [:]

    init(_ problems: [Problem]) {
        self.problems = problems
        for (position, problem) in problems.enumerated() {
            // What is closed for want of its guard is never the cause of what is wrong with the guard.
            if problem.id == .guardBroken { continue }
            byObject[problem.object[...], default: []].append(position)
            if let slash = problem.object.firstIndex(of: "/") {
                byNamespace[problem.object[...slash], default: []].append(position)
            }
            if problem.id == .unknownKind { strangers[Self.name(problem.object), default: []].append(position) }
        }
    }

    func positions(of cause: ProblemCause) -> [Int] {
        let named = (cause.isNamespace ? byNamespace : byObject)[cause.object[...]] ?? []
        return named.filter { cause.covers(problems[$0]) } + (strangers[Self.name(cause.object)] ?? [])
    }

    /// ` namespace/name`, of `Kind namespace/name`.
    private static func name(_ object: String) -> Substring { object.drop { $0 != " " } }
}
