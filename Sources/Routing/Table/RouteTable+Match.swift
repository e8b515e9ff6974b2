extension RouteTable {
    /// The rule that a request matches under a frontend; -1 when there is none (404).
    ///
    /// Hostnames rank first: the rules of the most specific hostname, then those of less specific ones. Under one hostname:
    /// Exact path, then RegularExpression, then PathPrefix by length; then method, number of headers, number of query
    /// parameters, and the plan's rank (Gateway API HTTPRouteRule.matches; delegation, section 4).
    package func match(_ frontend: Int32, _ request: RequestView) -> Int32 {
        var probes = 0
        return match(frontend, request, probes: &probes)
    }

    /// `probes` counts index look-ups and matches looked at: what the cost of a request is made of.
    @inline(__always)
    func match(_ frontend: Int32, _ request: RequestView, probes: inout Int) -> Int32 {
        guard frontends.contains(frontend) else { return -1 }
        var host = mostSpecificHost(space: frontends[frontend].space, host: request.host)
        while host >= 0 {
            let record = hosts[host]
            let rule = match(host, record, request, probes: &probes)
            if rule >= 0 { return rule }
            host = record.next
        }
        return -1
    }

    private func match(_ host: Int32, _ record: HostRecord, _ request: RequestView, probes: inout Int) -> Int32 {
        let (exact, deepest) = findPath(host, record, request.path, probes: &probes)
        if exact >= 0 {
            let rule = firstMatch(in: buckets[exact], request, probes: &probes)
            if rule >= 0 { return rule }
        }
        if record.expressionCount > 0 {
            let rule = firstExpression(of: record, request, probes: &probes)
            if rule >= 0 { return rule }
        }
        var prefix = deepest
        while prefix >= 0 {
            let bucket = buckets[prefix]
            let rule = firstMatch(in: bucket, request, probes: &probes)
            if rule >= 0 { return rule }
            prefix = bucket.parent
        }
        return -1
    }

    /// The buckets of the path itself and of the longest prefix of it that has one: one pass over the path, no longer than
    /// the host's longest entries, with a look-up at those element boundaries whose depth occurs.
    private func findPath(
        _ host: Int32, _ record: HostRecord, _ path: UnsafeRawBufferPointer, probes: inout Int
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
                    probes += 1
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
            probes += 1
            let found = findBucket(host, isExact: false, hash: hash, path)
            if found >= 0 { deepest = found }
        }
        guard wantsExact else { return (-1, deepest) }
        probes += 1
        return (findBucket(host, isExact: true, hash: hash, path), deepest)
    }

    @inline(__always)
    private func findBucket(_ host: Int32, isExact: Bool, hash: UInt64, _ path: UnsafeRawBufferPointer) -> Int32 {
        pathIndex.find(ByteHash.finish(hash, TableLayout.pathScope(host, isExact: isExact))) { position in
            let bucket = buckets[position]
            return bucket.host == host && bucket.isExact == isExact && Bytes.equal(bytes(bucket.path), path)
        }
    }

    private func firstMatch(in bucket: PathBucket, _ request: RequestView, probes: inout Int) -> Int32 {
        for candidate in matches.slice(bucket.matchStart, bucket.matchCount) {
            probes += 1
            if conditionsHold(candidate, request) { return candidate.rule }
        }
        return -1
    }

    private func firstExpression(of host: HostRecord, _ request: RequestView, probes: inout Int) -> Int32 {
        for candidate in matches.slice(host.expressionStart, host.expressionCount) {
            probes += 1
            let literal = bytes(candidate.pathLiteral)
            guard request.path.count >= literal.count,
                Bytes.equal(Bytes.slice(request.path, 0, literal.count), literal),
                conditionsHold(candidate, request), expressions[candidate.pathExpression].matches(request.path)
            else { continue }
            return candidate.rule
        }
        return -1
    }
}
