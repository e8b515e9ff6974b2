extension RouteTable {
    /// What `match` returns instead of a rule where an expression would have to be run on more of the request-target,
    /// or of a field's value, than it may be (414, 431).
    package static let targetTooLong: Int32 = -2
    package static let fieldTooLong: Int32 = -3

    /// The rule that a request matches under a frontend; -1 when there is none (404), less when it cannot be found.
    ///
    /// Hostnames rank first: the rules of the most specific hostname, then those of less specific ones. Under one
    /// hostname: Exact path, then RegularExpression, then PathPrefix by length; then method, number of headers, number
    /// of query parameters, and the plan's rank (Gateway API HTTPRouteRule.matches; delegation, section 4).
    ///
    /// A match that cannot be decided, because an expression of it is beyond a limit, answers in place of rules of its
    /// own namespace that rank below it, and of none at all: it opens nothing broader, and takes nothing from others.
    package func match(_ frontend: Int32, _ request: RequestView) -> Int32 {
        var work = MatchWork()
        return match(frontend, request, &work)
    }

    @inline(__always)
    func match(_ frontend: Int32, _ request: RequestView, _ work: inout MatchWork) -> Int32 {
        guard frontends.contains(frontend) else { return -1 }
        var host = mostSpecificHost(space: frontends[frontend].space, host: request.host)
        var undecided: Int32 = -1
        while host >= 0 {
            let record = hosts[host]
            let rule = match(host, record, request, &undecided, &work)
            if rule != -1 { return rule < -1 || undecided < 0 ? rule : restrict(rule, undecided) }
            host = record.next
        }
        return undecided
    }

    private func match(
        _ host: Int32, _ record: HostRecord, _ request: RequestView, _ undecided: inout Int32, _ work: inout MatchWork
    ) -> Int32 {
        let (exact, deepest) = findPath(host, record, request.path, &work)
        if exact >= 0 {
            let rule = firstMatch(in: buckets[exact], request, &undecided, &work)
            if rule != -1 { return rule }
        }
        if record.expressionCount > 0 {
            let rule = firstExpression(of: record, request, &undecided, &work)
            if rule != -1 { return rule }
        }
        var prefix = deepest
        while prefix >= 0 {
            let bucket = buckets[prefix]
            let rule = firstMatch(in: bucket, request, &undecided, &work)
            if rule != -1 { return rule }
            prefix = bucket.parent
        }
        return -1
    }

    /// The rule to apply where one above it could not be decided.
    private func restrict(_ rule: Int32, _ undecided: Int32) -> Int32 {
        let (own, others) = (rootNamespace(rule), rootNamespace(undecided))
        return Bytes.equal(own, others) ? undecided : rule
    }

    /// Of the first route of the rule's chain.
    func rootNamespace(_ rule: Int32) -> UnsafeRawBufferPointer {
        let chain = bytes(rules.pointer(rule).pointee.routes)
        return Bytes.slice(chain, 0, chain.firstIndex(of: UInt8(ascii: "/")) ?? 0)
    }

    /// The buckets of the path itself and of the longest prefix of it that has one: one pass over the path, no longer
    /// than the host's longest entries, with a look-up at those element boundaries whose depth occurs.
    private func findPath(
        _ host: Int32, _ record: HostRecord, _ path: UnsafeRawBufferPointer, _ work: inout MatchWork
    ) -> (exact: Int32, deepest: Int32) {
        var deepest = record.rootBucket
        let wantsExact = path.count <= Int(record.longestExact)
        let prefixLimit = Int(record.longestPrefix)
        let end = wantsExact ? path.count : min(path.count, prefixLimit + 1)
        var hash = hashSeed
        var depth: UInt64 = 0
        var position = 0
        while position < end {
            let byte = path[position]
            if byte == UInt8(ascii: "/") {
                if position > 0, position <= prefixLimit, record.prefixDepths & (1 << min(depth, 63)) != 0 {
                    work.probes += 1
                    let found = findBucket(host, isExact: false, hash: hash, Bytes.slice(path, 0, position))
                    if found >= 0 { deepest = found }
                }
                depth += 1
            }
            hash = ByteHash.step(hash, byte)
            position += 1
        }
        guard position == path.count else { return (-1, deepest) }
        if position > 0, position <= prefixLimit, record.prefixDepths & (1 << min(depth, 63)) != 0 {
            work.probes += 1
            let found = findBucket(host, isExact: false, hash: hash, path)
            if found >= 0 { deepest = found }
        }
        guard wantsExact else { return (-1, deepest) }
        work.probes += 1
        return (findBucket(host, isExact: true, hash: hash, path), deepest)
    }

    @inline(__always)
    private func findBucket(_ host: Int32, isExact: Bool, hash: UInt64, _ path: UnsafeRawBufferPointer) -> Int32 {
        pathIndex.find(ByteHash.finish(hash, TableLayout.pathScope(host, isExact: isExact))) { position in
            let bucket = buckets[position]
            return bucket.host == host && bucket.isExact == isExact && Bytes.equal(bytes(bucket.path), path)
        }
    }

    private func firstMatch(
        in bucket: PathBucket, _ request: RequestView, _ undecided: inout Int32, _ work: inout MatchWork
    ) -> Int32 {
        for candidate in matches.slice(bucket.matchStart, bucket.matchCount) {
            work.probes += 1
            if work.spend(1, on: .target), conditionsHold(candidate, request, &work) {
                if !candidate.isUndecided { return candidate.rule }
                if undecided < 0 { undecided = candidate.rule }
            } else if let refusal = work.refusal {
                work.refused = candidate.rule
                return Self.answer(to: refusal)
            }
        }
        return -1
    }

    private func firstExpression(
        of host: HostRecord, _ request: RequestView, _ undecided: inout Int32, _ work: inout MatchWork
    ) -> Int32 {
        for candidate in matches.slice(host.expressionStart, host.expressionCount) {
            work.probes += 1
            let literal = bytes(candidate.pathLiteral)
            guard request.path.count >= literal.count,
                Bytes.equal(Bytes.slice(request.path, 0, literal.count), literal)
            else { continue }
            if work.spend(1, on: .target), conditionsHold(candidate, request, &work),
                pathHolds(candidate, request.path, &work)
            {
                if !candidate.isUndecided { return candidate.rule }
                if undecided < 0 { undecided = candidate.rule }
            } else if let refusal = work.refusal {
                work.refused = candidate.rule
                return Self.answer(to: refusal)
            }
        }
        return -1
    }

    private func pathHolds(
        _ match: MatchRecord, _ path: UnsafeRawBufferPointer, _ work: inout MatchWork
    ) -> Bool {
        // One beyond a limit may match whatever begins as it does.
        if match.pathExpression < 0 { return true }
        let expression = expressions[match.pathExpression]
        return work.admits(expression, path.count, of: .target) && expression.matches(path)
    }

    private static func answer(to refusal: MatchWork.Refusal) -> Int32 {
        switch refusal {
        case .target: targetTooLong
        case .field: fieldTooLong
        case .costly: costly
        }
    }
}
