/// A hostname of a route or listener.
enum HostPattern: Hashable {
    case any
    case exact(String)
    /// The part after `*.`.
    case wildcard(String)

    init(_ hostname: String?) {
        guard var name = hostname?.lowercased(), !name.isEmpty, name != "*" else {
            self = .any
            return
        }
        if name.hasSuffix(".") { name.removeLast() }
        self = name.hasPrefix("*.") ? .wildcard(String(name.dropFirst(2))) : .exact(name)
    }

    /// Less specific patterns that could cover what this one covers, the most specific first.
    var wider: [HostPattern] {
        let name: String
        switch self {
        case .any: return []
        case .exact(let text), .wildcard(let text): name = text
        }
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        let suffixes = labels.indices.dropFirst().map { HostPattern.wildcard(labels[$0...].joined(separator: ".")) }
        return suffixes + [.any]
    }
}

extension TableLayout {
    struct Space {
        var index: Int32
        var hosts: [HostPattern: Int32]
    }

    /// Lays out a set of hostnames, each linked to the next less specific one that covers it.
    mutating func addSpace(_ patterns: [HostPattern]) -> Space {
        let index = Int32(spaces.count)
        var space = HostSpace(any: -1, isAnyOnly: true, wildcardLabels: 0)
        var known: [HostPattern: Int32] = [:]
        for pattern in patterns where known[pattern] == nil {
            let host = Int32(hosts.count)
            known[pattern] = host
            var record = HostRecord(
                space: index, isWildcard: false, name: TableText(), target: -1, next: -1, prefixDepths: 0,
                longestPrefix: -1, longestExact: -1, rootBucket: -1, expressionStart: 0, expressionCount: 0)
            var name = ""
            switch pattern {
            case .any: space.any = host
            case .exact(let text):
                space.isAnyOnly = false
                name = text
            case .wildcard(let text):
                space.isAnyOnly = false
                record.isWildcard = true
                name = text
                let labels = text.utf8.reduce(1) { $1 == UInt8(ascii: ".") ? $0 + 1 : $0 }
                space.wildcardLabels |= 1 << UInt64(min(labels, 63))
            }
            record.name = text.add(name)
            hosts.append(record)
            // "Any" is never looked up; its entry only keeps positions of hashes and hosts alike.
            let hash = name.utf8.reversed().reduce(hashSeed, ByteHash.step)
            let scope = pattern == .any ? .max : TableLayout.hostScope(index, isWildcard: record.isWildcard)
            hostHashes.append(ByteHash.finish(hash, scope))
        }
        for (pattern, host) in known {
            hosts[Int(host)].next = pattern.wider.lazy.compactMap { known[$0] }.first ?? -1
        }
        spaces.append(space)
        return Space(index: index, hosts: known)
    }
}
