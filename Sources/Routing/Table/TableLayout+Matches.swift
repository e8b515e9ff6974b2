internal import GatewayAPI

extension TableLayout {
    /// Lays out the matches of one frontend by hostname and path. Returns its host space.
    mutating func layOutMatches(_ planned: [PlannedMatch]) -> Int32 {
        guard !planned.isEmpty else { return 0 }
        let array = ArrayIdentity(planned)
        if let known = spaceOf[array] { return known }
        let space = layOutAnew(planned)
        spaceOf[array] = space
        return space
    }

    private mutating func layOutAnew(_ planned: [PlannedMatch]) -> Int32 {
        let ranked = planned.sorted(by: PlannedMatch.precedes)
        var byHost: [HostPattern: [Int]] = [:]
        var patterns: [HostPattern] = []
        for (position, match) in ranked.enumerated() where plan.rules.indices.contains(match.rule) {
            var named = match.hostnames.map { HostPattern($0) }
            if named.isEmpty { named = [.any] }
            for pattern in Set(named) {
                if byHost[pattern] == nil { patterns.append(pattern) }
                byHost[pattern, default: []].append(position)
            }
        }
        let space = addSpace(patterns)
        for pattern in patterns {
            guard let host = space.hosts[pattern], let positions = byHost[pattern] else { continue }
            layOut(positions.map { ranked[$0] }, under: host)
        }
        return space.index
    }

    /// `ranked` is in order of precedence already, so every path's matches come out in order.
    private mutating func layOut(_ ranked: [PlannedMatch], under host: Int32) {
        var exact: [String: [PlannedMatch]] = [:]
        var prefix: [String: [PlannedMatch]] = [:]
        var expressions: [PlannedMatch] = []
        for match in ranked {
            switch match.path.kind {
            case .exact:
                if let path = PathValue.exact(match.path.value) { exact[path, default: []].append(match) }
            case .prefix:
                if let path = PathValue.prefix(match.path.value) { prefix[path, default: []].append(match) }
            case .regularExpression: expressions.append(match)
            }
        }
        layOutExpressions(expressions, under: host)
        for (path, matches) in exact {
            hosts[Int(host)].longestExact = max(hosts[Int(host)].longestExact, Int32(path.utf8.count))
            _ = addBucket(path, isExact: true, matches, under: host)
        }
        var bucketOf: [String: Int32] = [:]
        for (path, matches) in prefix { bucketOf[path] = addBucket(path, isExact: false, matches, under: host) }
        let ancestors = PathAncestors(seed: hashSeed, bucketOf)
        for (path, bucket) in bucketOf {
            note(path, bucket, under: host)
            if let parent = ancestors.nearest(to: path) { buckets[Int(bucket)].parent = parent }
        }
    }

    /// Takes note of a prefix in what a search of its host goes by.
    private mutating func note(_ path: String, _ bucket: Int32, under host: Int32) {
        let depth = path.utf8.reduce(0) { $1 == UInt8(ascii: "/") ? $0 + 1 : $0 }
        var record = hosts[Int(host)]
        record.longestPrefix = max(record.longestPrefix, Int32(path.utf8.count))
        if depth == 0 { record.rootBucket = bucket } else { record.prefixDepths |= 1 << UInt64(min(depth, 63)) }
        hosts[Int(host)] = record
    }

    private mutating func addBucket(_ path: String, isExact: Bool, _ planned: [PlannedMatch], under host: Int32)
        -> Int32
    {
        let start = Int32(matches.count)
        for match in planned { add(match) }
        buckets.append(
            PathBucket(
                host: host, isExact: isExact, path: text.add(path), matchStart: start,
                matchCount: Int32(matches.count) - start, parent: -1))
        let hash = path.utf8.reduce(hashSeed, ByteHash.step)
        bucketHashes.append(ByteHash.finish(hash, TableLayout.pathScope(host, isExact: isExact)))
        return Int32(buckets.count - 1)
    }

    private mutating func layOutExpressions(_ planned: [PlannedMatch], under host: Int32) {
        hosts[Int(host)].expressionStart = Int32(matches.count)
        for match in planned { add(match) }
        hosts[Int(host)].expressionCount = Int32(matches.count) - hosts[Int(host)].expressionStart
    }

    /// A match whose expressions do not compile is left out: it never matches. Of one that is undecided they are not
    /// looked at.
    private mutating func add(_ match: PlannedMatch) {
        var pathExpression: Int32 = -1
        var literal = TableText()
        if match.path.kind == .regularExpression {
            if !match.isUndecided {
                guard let compiled = expressions.add(match.path.value) else { return }
                pathExpression = compiled
            }
            literal = text.add(String(decoding: Expression.literalPrefix(match.path.value), as: UTF8.self))
        }
        guard
            let headers = compile(
                match.headers.firstByName(ignoringCase: true), withExpressions: !match.isUndecided),
            let queryParams = compile(
                match.queryParams.firstByName(ignoringCase: false), withExpressions: !match.isUndecided)
        else { return }
        let rule = rules.add(match.rule, plan.rules[match.rule], matchedBy: match.path, &text)
        matches.append(
            MatchRecord(
                method: text.add(match.method ?? ""), conditionStart: Int32(conditions.count),
                headerCount: Int32(headers.count), queryCount: Int32(queryParams.count), rule: rule,
                pathExpression: pathExpression, pathLiteral: literal, isUndecided: match.isUndecided))
        conditions += headers + queryParams
    }

    private mutating func compile(_ values: [ValueMatch], withExpressions: Bool) -> [ConditionRecord]? {
        var records: [ConditionRecord] = []
        for value in values where withExpressions || !value.isRegularExpression {
            var expression: Int32 = -1
            if value.isRegularExpression {
                guard let compiled = expressions.add(value.value) else { return nil }
                expression = compiled
            }
            records.append(
                ConditionRecord(name: text.add(value.name), value: text.add(value.value), expression: expression))
        }
        return records
    }
}

extension [ValueMatch] {
    /// Of several entries with one name the first counts (Gateway API HTTPRouteMatch.headers and .queryParams).
    fileprivate func firstByName(ignoringCase: Bool) -> [ValueMatch] {
        var seen: Set<String> = []
        return compactMap { value in
            var value = value
            if ignoringCase { value.name = value.name.lowercased() }
            return seen.insert(value.name).inserted ? value : nil
        }
    }
}

extension PlannedMatch {
    /// Precedence among matches of one path value: method, number of headers, of query parameters, then the rank.
    static func precedes(_ a: PlannedMatch, _ b: PlannedMatch) -> Bool {
        if (a.method == nil) != (b.method == nil) { return a.method != nil }
        if a.headers.count != b.headers.count { return a.headers.count > b.headers.count }
        if a.queryParams.count != b.queryParams.count { return a.queryParams.count > b.queryParams.count }
        return a.rank.precedes(b.rank)
    }
}

extension PlannedMatch.Rank {
    fileprivate func precedes(_ other: Self) -> Bool {
        if rootCreation != other.rootCreation { return rootCreation < other.rootCreation }
        if root != other.root { return root < other.root }
        if ownerCreation != other.ownerCreation { return ownerCreation < other.ownerCreation }
        if owner != other.owner { return owner < other.owner }
        if ruleIndex != other.ruleIndex { return ruleIndex < other.ruleIndex }
        return matchIndex < other.matchIndex
    }
}

/// Which array something is, not what is in it; for arrays that live on unchanged.
struct ArrayIdentity: Hashable {
    private let start: UnsafePointer<PlannedMatch>?
    private let count: Int

    init(_ array: [PlannedMatch]) {
        start = array.withUnsafeBufferPointer(\.baseAddress)
        count = array.count
    }
}
