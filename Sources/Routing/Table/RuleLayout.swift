internal import GatewayAPI

/// Lays out rules with their shares, edits, rewrites and redirects.
struct RuleLayout {
    private(set) var rules: [CompiledRule] = []
    private(set) var shares: [Share] = []
    private(set) var edits: [HeaderEdit] = []
    private(set) var rewrites: [RewriteRecord] = []
    private(set) var redirects: [RedirectRecord] = []

    /// A rule that replaces a matched prefix is laid out once for each prefix that leads to it.
    private struct Key: Hashable {
        var planned: Int
        var prefix: String?
    }

    private var known: [Key: Int32] = [:]

    /// The compiled form of a planned rule for requests matched by `path`.
    mutating func add(_ planned: Int, _ rule: PlannedRule, matchedBy path: PathMatch, _ text: inout TextStore) -> Int32
    {
        // A regular expression has no prefix to replace.
        let prefix = rule.replacesPrefix && path.kind != .regularExpression ? path.value : nil
        let key = Key(planned: planned, prefix: prefix)
        if let found = known[key] { return found }
        let added = Int32(rules.count)
        rules.append(compile(planned, rule, prefix: prefix, &text))
        known[key] = added
        return added
    }

    private mutating func compile(_ planned: Int, _ rule: PlannedRule, prefix: String?, _ text: inout TextStore)
        -> CompiledRule
    {
        let chain = rule.origin.chain
        var compiled = CompiledRule(
            action: .fail, shareCount: 0, shareStart: Int32(shares.count), rewrite: -1, totalWeight: 0,
            requestTimeout: RuleLayout.nanoseconds(rule.timeouts.request),
            backendTimeout: RuleLayout.nanoseconds(rule.timeouts.backendRequest),
            routes: text.add(chain.map(\.description).joined(separator: ",")),
            ownerKey: text.add(chain.last?.description ?? ""), ownerRule: Int32(clamping: rule.origin.ruleIndex),
            ruleName: text.add(rule.origin.ruleName ?? ""), redirect: -1, planned: Int32(planned),
            requestEdits: add(rule.requestHeaders + rule.inheritedHeaders.request, &text),
            responseEdits: add(rule.responseHeaders + rule.inheritedHeaders.response, &text))
        compiled.rewrite = add(rule.rewrite, prefix: prefix, &text)
        switch rule.action {
        case .fail, .closed: break
        case .redirect(let redirect):
            compiled.action = .redirect
            compiled.redirect = add(redirect, prefix: prefix, &text)
        case .forward(let backends):
            compiled.action = .forward
            compiled.shareCount = Int32(backends.count)
            var total: UInt64 = 0
            let laidOut = backends.map { [compiled] backend in
                share(backend, of: rule, like: compiled, prefix: prefix, total: &total, &text)
            }
            compiled.totalWeight = total
            shares.append(contentsOf: laidOut)
        }
        return compiled
    }

    private mutating func share(
        _ backend: PlannedBackend, of rule: PlannedRule, like compiled: CompiledRule, prefix: String?,
        total: inout UInt64, _ text: inout TextStore
    ) -> Share {
        total += UInt64(backend.weight)
        let rewrite = URLRewrite(
            hostname: backend.rewrite?.hostname ?? rule.rewrite?.hostname,
            path: backend.rewrite?.path ?? rule.rewrite?.path)
        var share = Share(
            kind: .invalid, backend: -1, redirect: -1, rewrite: add(rewrite, prefix: prefix, &text), weightEnd: total,
            requestEdits: backend.requestHeaders.isEmpty
                ? compiled.requestEdits
                : add(rule.requestHeaders + backend.requestHeaders + rule.inheritedHeaders.request, &text),
            responseEdits: backend.responseHeaders.isEmpty
                ? compiled.responseEdits
                : add(rule.responseHeaders + backend.responseHeaders + rule.inheritedHeaders.response, &text))
        switch backend.target {
        case .backend(let index):
            share.kind = .backend
            share.backend = Int32(index)
        case .redirect(let redirect):
            share.kind = .redirect
            share.redirect = add(redirect, prefix: prefix, &text)
        case .invalid: break
        }
        return share
    }

    /// Milliseconds of the route to nanoseconds; unset and `0s` are both "none". Saturates.
    private static func nanoseconds(_ milliseconds: UInt64?) -> UInt64 {
        let (value, overflow) = (milliseconds ?? 0).multipliedReportingOverflow(by: 1_000_000)
        return overflow ? .max : value
    }

    private mutating func add(_ rewrite: URLRewrite?, prefix: String?, _ text: inout TextStore) -> Int32 {
        guard let rewrite, rewrite.hostname != nil || rewrite.path != nil else { return -1 }
        rewrites.append(
            RewriteRecord(
                hasHostname: rewrite.hostname != nil, hostname: text.add(rewrite.hostname ?? ""),
                path: RuleLayout.pathEdit(rewrite.path, prefix: prefix, &text)))
        return Int32(rewrites.count - 1)
    }

    private mutating func add(_ redirect: RequestRedirect, prefix: String?, _ text: inout TextStore) -> Int32 {
        redirects.append(
            RedirectRecord(
                status: UInt16(clamping: redirect.statusCode), scheme: text.add(redirect.scheme?.lowercased() ?? ""),
                hostname: text.add(redirect.hostname ?? ""), port: redirect.port ?? 0,
                path: RuleLayout.pathEdit(redirect.path, prefix: prefix, &text)))
        return Int32(redirects.count - 1)
    }

    private static func pathEdit(_ modifier: PathModifier?, prefix: String?, _ text: inout TextStore) -> PathEdit {
        switch modifier {
        case nil: return PathEdit()
        case .replaceFullPath(let path):
            return PathEdit(kind: .full, replacement: text.add(path.hasPrefix("/") ? path : "/" + path))
        case .replacePrefixMatch(let path):
            guard let prefix else { return PathEdit() }
            let replacement = PathValue.trimmed(path)
            return PathEdit(
                kind: .prefix, prefixLength: Int32(PathValue.prefix(prefix)?.utf8.count ?? 0),
                replacement: text.add(
                    replacement.isEmpty || replacement.hasPrefix("/") ? replacement : "/" + replacement))
        }
    }

    /// Merges modifiers in the order of their application: per name, whether what the message has goes, and what is
    /// written.
    private mutating func add(_ modifiers: [HeaderModifier], _ text: inout TextStore) -> EditRange {
        if modifiers.isEmpty { return EditRange() }
        var merged = MergedEdits()
        for modifier in modifiers { merged.apply(modifier) }
        var range = EditRange(start: Int32(edits.count))
        for outcome in merged.outcomes {
            let name = text.add(outcome.name)
            if outcome.replaces { range.removedLengths |= 1 << UInt64(name.length & 63) }
            if outcome.replaces && outcome.values.isEmpty {
                edits.append(HeaderEdit(kind: .remove, name: name, value: TableText()))
            }
            for (index, value) in outcome.values.enumerated() {
                let kind: HeaderEdit.Kind = outcome.replaces && index == 0 ? .set : .add
                edits.append(HeaderEdit(kind: kind, name: name, value: text.add(value)))
            }
        }
        range.count = Int32(edits.count) - range.start
        return range
    }
}

/// What a sequence of header modifiers comes to, name by name.
private struct MergedEdits {
    struct Outcome {
        var name: String
        var replaces = false
        var values: [String] = []
    }

    private(set) var outcomes: [Outcome] = []
    private var positions: [String: Int] = [:]

    mutating func apply(_ modifier: HeaderModifier) {
        for field in modifier.set {
            update(field.name) { $0 = Outcome(name: field.name, replaces: true, values: [field.value]) }
        }
        for field in modifier.add { update(field.name) { $0.values.append(field.value) } }
        for name in modifier.remove { update(name) { $0 = Outcome(name: name, replaces: true) } }
    }

    /// Spellings that applications take for one field are one: a child's `x_tenant` does not stand beside its parent's
    /// `x-tenant`.
    private mutating func update(_ name: String, _ change: (inout Outcome) -> Void) {
        let key = String(decoding: name.utf8.map(Bytes.spelling), as: UTF8.self)
        let position = positions[key] ?? outcomes.count
        if position == outcomes.count {
            outcomes.append(Outcome(name: name))
            positions[key] = position
        }
        change(&outcomes[position])
    }
}

extension PlannedRule {
    /// Whether any part of the rule rewrites the prefix that was matched.
    fileprivate var replacesPrefix: Bool {
        func replaces(_ path: PathModifier?) -> Bool {
            if case .replacePrefixMatch = path { true } else { false }
        }
        if replaces(rewrite?.path) { return true }
        switch action {
        case .fail, .closed: return false
        case .redirect(let redirect): return replaces(redirect.path)
        case .forward(let backends):
            return backends.contains { backend in
                if case .redirect(let redirect) = backend.target, replaces(redirect.path) { return true }
                return replaces(backend.rewrite?.path)
            }
        }
    }
}
