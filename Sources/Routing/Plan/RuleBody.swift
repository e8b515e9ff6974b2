internal import GatewayAPI

/// What a rule's filters and timeouts say, apart from where it forwards to.
struct RuleBody: Hashable {
    var requestHeaders: [HeaderModifier] = []
    var responseHeaders: [HeaderModifier] = []
    var inheritedHeaders = InheritedHeaders()
    var redirect: RequestRedirect?
    var rewrite: URLRewrite?
    var timeouts: HTTPRouteTimeouts?

    /// A child's rule below a parent's.
    ///
    /// Header modifiers are cumulative, the child's first and then upward.
    /// Redirect, rewritten host and rewritten path are each taken from the nearest level that sets them; timeouts are
    /// one unit.
    func inheriting(_ parent: RuleBody) -> RuleBody {
        var merged = self
        merged.inheritedHeaders.request += parent.requestHeaders + parent.inheritedHeaders.request
        merged.inheritedHeaders.response += parent.responseHeaders + parent.inheritedHeaders.response
        merged.redirect = redirect ?? parent.redirect
        if rewrite != nil || parent.rewrite != nil {
            merged.rewrite = URLRewrite(
                hostname: rewrite?.hostname ?? parent.rewrite?.hostname, path: rewrite?.path ?? parent.rewrite?.path)
        }
        merged.timeouts = timeouts ?? parent.timeouts
        return merged
    }

    /// The answer is made from the path prefix that matched, so only PathPrefix matches can lead here.
    var needsPrefixMatch: Bool {
        if let redirect { return redirect.path?.isPrefixReplacement ?? false }
        return rewrite?.path?.isPrefixReplacement ?? false
    }
}

extension PathModifier {
    var isPrefixReplacement: Bool {
        if case .replacePrefixMatch = self { true } else { false }
    }
}

/// Filters of one rule or one backendRef, read into a body.
struct FilterReading {
    var body = RuleBody()
    /// Why the filters cannot be applied as they stand; the requests concerned are answered 500.
    var defect: Defect?

    struct Defect: Hashable {
        /// Position of the filter at fault.
        var filter: Int
        var message: String
        /// The filters are known but exclude each other (`IncompatibleFilters`).
        var isIncompatible = false
    }

    init(_ filters: [HTTPRouteFilter]) {
        for (position, filter) in filters.enumerated() {
            let refusal = add(filter)
            if defect == nil, let refusal { defect = Defect(filter: position, message: refusal) }
        }
        if defect == nil, body.redirect != nil, body.rewrite != nil {
            defect = Defect(
                filter: 0, message: "RequestRedirect and URLRewrite exclude each other", isIncompatible: true)
        }
    }

    /// Returns why the filter cannot be added. Each type may occur once (HTTPRouteRule.filters).
    private mutating func add(_ filter: HTTPRouteFilter) -> String? {
        switch filter {
        case .requestHeaderModifier(let modifier):
            guard body.requestHeaders.isEmpty else { return "RequestHeaderModifier occurs more than once" }
            body.requestHeaders.append(modifier)
        case .responseHeaderModifier(let modifier):
            guard body.responseHeaders.isEmpty else { return "ResponseHeaderModifier occurs more than once" }
            body.responseHeaders.append(modifier)
        case .requestRedirect(let redirect):
            guard body.redirect == nil else { return "RequestRedirect occurs more than once" }
            body.redirect = redirect
        case .urlRewrite(let rewrite):
            guard body.rewrite == nil else { return "URLRewrite occurs more than once" }
            body.rewrite = rewrite
        case .unusable(let type, let reason):
            return "filter \(type) cannot be used: \(reason)"
        }
        return nil
    }
}
