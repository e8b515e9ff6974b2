internal import GatewayAPI

/// How a child's match stands to its parent's. Paths are compared in their normal form, which is what requests are
/// matched in.
enum MatchComposition {
    /// Bytes of both paths that count as much as one comparison: paths are joined, read and brought into their normal
    /// form for each.
    private static let bytesOfComparison = 64

    /// What it takes to hold each of a child's matches against each of its parent's, in comparisons of short paths.
    static func comparisons(_ parents: [EffectiveMatch], _ own: [EffectiveMatch]) -> Int {
        func bytes(_ matches: [EffectiveMatch]) -> Int { matches.reduce(0) { $0 + $1.path.value.utf8.count } }
        let product = bytes(parents) * own.count + bytes(own) * parents.count
        return parents.count * own.count + product / bytesOfComparison
    }

    /// The match a child's request has to meet below `parent`; nil when the child's match is not inside the parent's.
    ///
    /// Without inheritance the child repeats the parent's conditions and the parent's match only filters. With it the
    /// child's path is laid below the parent's and conditions are united, the parent's winning on the same name.
    static func compose(
        parent: EffectiveMatch, child: EffectiveMatch, inherits: Bool,
        expressions: ExpressionCache = ExpressionCache(keepsPrograms: false)
    ) -> EffectiveMatch? {
        inherits
            ? inherited(parent: parent, child: child, expressions) : filtered(parent: parent, child: child)
    }

    private static func filtered(parent: EffectiveMatch, child: EffectiveMatch) -> EffectiveMatch? {
        guard parent.path.kind == .prefix, isInside(child.path, prefix: parent.path.value) else { return nil }
        guard parent.headers.allSatisfy(child.headers.contains),
            parent.queryParams.allSatisfy(child.queryParams.contains)
        else { return nil }
        guard parent.method == nil || parent.method == child.method else { return nil }
        var composed = child
        composed.undecided = parent.undecided ?? child.undecided
        return composed
    }

    private static func inherited(
        parent: EffectiveMatch, child: EffectiveMatch, _ expressions: ExpressionCache
    ) -> EffectiveMatch? {
        guard let path = joined(parent: parent.path, child: child.path) else { return nil }
        var composed = child
        composed.undecided = parent.undecided ?? child.undecided
        if composed.undecided == nil, path.kind == .regularExpression, path != parent.path {
            guard path.value.utf8.count <= PlanLimits.regularExpressionLength else { return nil }
            switch expressions.verdict(path.value) {
            case .usable: break
            case .tooLarge(let reason):
                composed.undecided = "path \"\(path.value)\" is too large an expression: \(reason)"
            case .invalid: return nil
            }
        }
        composed.path = path
        composed.headers = union(parent: parent.headers, child: child.headers)
        composed.queryParams = union(parent: parent.queryParams, child: child.queryParams)
        composed.method = parent.method ?? child.method
        return composed
    }

    private static func union(parent: [ValueMatch], child: [ValueMatch]) -> [ValueMatch] {
        let names = Set(parent.map(\.name))
        return (parent + child.filter { !names.contains($0.name) }).sorted { $0.name < $1.name }
    }

    /// Whether everything `path` matches lies under `prefix`, compared by path element.
    static func isInside(_ path: PathMatch, prefix: String) -> Bool {
        switch path.kind {
        case .exact, .prefix:
            let trimmed = trimmingSlashes(prefix)
            guard path.value.utf8.starts(with: trimmed.utf8) else { return false }
            let rest = path.value.utf8.dropFirst(trimmed.utf8.count)
            return rest.isEmpty || rest.first == UInt8(ascii: "/")
        case .regularExpression:
            return PathExpression(path.value).isInside(prefix: trimmingSlashes(prefix))
        }
    }

    /// What to write in the place of a child's expression that would be inside, were its operators meant as text.
    static func advice(_ parent: EffectiveMatch, _ child: EffectiveMatch) -> String? {
        guard parent.path.kind == .prefix, child.path.kind == .regularExpression,
            let escaped = PathExpression(child.path.value).escaping(prefix: trimmingSlashes(parent.path.value))
        else { return nil }
        return ": an operator such as . matches more than itself; write \(escaped)"
    }

    static func trimmingSlashes(_ path: String) -> Substring {
        var path = path[...]
        while path.utf8.last == UInt8(ascii: "/") { path.removeLast() }
        return path
    }

    /// The child's path below the parent's, in its normal form; nil when it opens anything outside.
    private static func joined(parent: PathMatch, child: PathMatch) -> PathMatch? {
        guard let path = try? join(parent: parent, child: child)?.normalForm() else { return nil }
        if parent.kind == .regularExpression || path == parent { return path }
        return isInside(path, prefix: parent.value) ? path : nil
    }

    private static func join(parent: PathMatch, child: PathMatch) -> PathMatch? {
        if parent.kind == .regularExpression { return PathExpression(parent.value).appending(child) }
        // An Exact parent admits one path: it has nothing below itself for a child to open.
        if parent.kind == .exact { return child.kind != .regularExpression && child.value == "/" ? parent : nil }
        let base = trimmingSlashes(parent.value)
        switch child.kind {
        case .regularExpression:
            return PathExpression(child.value).tail.map {
                PathMatch(.regularExpression, PathExpression.quote(base) + $0)
            }
        case .exact, .prefix:
            if child.value == "/" { return child.kind == .exact ? exactRoot(base) : parent }
            return PathMatch(child.kind, child.value.hasPrefix("/") ? base + child.value : base + "/" + child.value)
        }
    }

    /// Exact `/` below a prefix: the prefix itself.
    private static func exactRoot(_ base: Substring) -> PathMatch {
        PathMatch(.exact, base.isEmpty ? "/" : String(base))
    }

    /// Whether every request that meets `narrow` meets `wide` as well; errs on the side of no.
    static func covers(_ wide: EffectiveMatch, _ narrow: EffectiveMatch) -> Bool {
        let path =
            wide.path == narrow.path || wide.path.kind == .prefix && isInside(narrow.path, prefix: wide.path.value)
        return path && wide.headers.allSatisfy(narrow.headers.contains)
            && wide.queryParams.allSatisfy(narrow.queryParams.contains)
            && (wide.method == nil || wide.method == narrow.method)
    }
}
