internal import GatewayAPI

extension Explanation {
    /// For people: what happens first, then where it was decided, then why.
    package var text: String {
        var page = Page()
        page.line("Request", request)
        page.line("Answer", outcome.text + doubt)
        if let frontend { page.line("Frontend", frontend.text) }
        if let rule { page.add(rule) }
        for (position, share) in backends.enumerated() { page.add(share, isFirst: position == 0) }
        page.list("Why", reasons)
        page.list("Nearest", nearest.map(\.text))
        page.list("Problems", problems.map(\.report))
        return page.text
    }

    /// Labels on the left, text on the right.
    private struct Page {
        private(set) var text = ""
        private static let column = 11
        /// Characters: the matches of a delegated route with all their conditions are long.
        private static let longestLine = 65_536

        mutating func line(_ label: String, _ line: String) {
            let gap = String(repeating: " ", count: max(1, Page.column - label.count))
            text += label + gap + VisibleText.of(line, bytes: Page.longestLine) + "\n"
        }

        mutating func list(_ label: String, _ lines: [String]) {
            for (position, line) in lines.enumerated() { self.line(position == 0 ? label : "", line) }
        }

        mutating func add(_ rule: Rule) {
            line("Route", rule.chainText)
            line("Rule", rule.ruleText)
            if let match = rule.match {
                line("Match", "matches[\(match.index)]: " + match.conditions.joined(separator: ", "))
                if !match.hostnames.isEmpty { line("", "hostname \(match.hostnames.joined(separator: ", "))") }
            }
            list("Filters", rule.filters)
            let request = rule.requestTimeout.map { GatewayDuration.text(milliseconds: $0) } ?? "none"
            let backend = rule.backendRequestTimeout.map { GatewayDuration.text(milliseconds: $0) } ?? "none"
            line("Timeouts", "request \(request), backendRequest \(backend)")
        }

        mutating func add(_ share: Share, isFirst: Bool) {
            let name = share.backend.map { " \($0)" } ?? ""
            line(isFirst ? "Backends" : "", "\(share.percentText)\(name): \(share.result.text)")
            if !share.endpoints.isEmpty { line("", "     endpoints \(share.endpointsText)") }
            if !share.names.isEmpty { line("", "     resolved when serving: \(share.names.joined(separator: ", "))") }
            if let host = share.host { line("", "     seen there as Host \(host)") }
            if let target = share.target { line("", "     seen there as \(target)") }
            for filter in share.filters { line("", "     \(filter)") }
        }
    }
}

extension Explanation.Outcome {
    /// A word for programs.
    package var label: String {
        switch self {
        case .forwarded: "forwarded"
        case .mixed: "mixed"
        case .redirected: "redirected"
        case .answered: "answered"
        case .passedAsBytes: "passed-as-bytes"
        case .refused: "refused"
        case .noFrontend: "no-frontend"
        }
    }

    var text: String {
        switch self {
        case .forwarded: "forwarded"
        case .mixed: "depends on the share that is drawn, see Backends"
        case .redirected(let status, let location): "\(status) to \(location)"
        case .answered(let status, let reason): "\(status) by Weir: \(reason)"
        case .passedAsBytes: "passed on as bytes"
        case .refused(let reason): "the connection is refused: \(reason)"
        case .noFrontend(let reason): "no frontend: \(reason)"
        }
    }
}

extension Explanation.Frontend {
    var text: String {
        if let listener {
            return "listener \(listener) of \(object), port \(port), hostname \(hostname ?? "any")"
        }
        let protocols = appProtocol == "detect" ? ", HTTP if its first bytes say so" : ""
        return "\(object), port \(port)" + (routes.map { ", \($0) routes" } ?? ", no routes") + protocols
    }
}

extension Explanation.Rule {
    var chainText: String {
        let chain = chain.map(\.description).joined(separator: " > ")
        return "HTTPRoute \(chain)" + (self.chain.count > 1 ? " (delegated)" : "")
    }

    var ruleText: String {
        "rules[\(index)]" + (name.map { " \"\($0)\"" } ?? "") + (chain.last.map { " of \($0)" } ?? "")
    }
}

extension Explanation.Share {
    /// Endpoints that are written out; the rest is counted.
    static let endpointsShown = 8

    var percentText: String {
        let tenths = Int((percent * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)%" : "\(tenths / 10).\(tenths % 10)%"
    }

    var endpointsText: String {
        let shown = endpoints.prefix(Self.endpointsShown).joined(separator: ", ")
        let hidden = endpoints.count - Self.endpointsShown
        return hidden > 0 ? "\(shown) and \(hidden) more" : shown
    }
}

extension Explanation.Share.Result {
    package var label: String {
        switch self {
        case .forwarded: "forwarded"
        case .answered: "answered"
        case .redirected: "redirected"
        }
    }

    var text: String {
        switch self {
        case .forwarded: "forwarded"
        case .answered(let status, let reason): "\(status) by Weir: \(reason)"
        case .redirected(let status, let location): "\(status) to \(location)"
        }
    }
}

extension Explanation.NearMiss {
    var text: String {
        let rule = chain.map(\.description).joined(separator: " > ") + " rules[\(rule)].matches[\(match)]"
        // Hostnames fall through, so everything but the order may hold: then another listener's rules are meant.
        return rule + ": " + failures.map { "\($0.condition) \($0.wanted), \($0.found)" }.joined(separator: "; ")
    }
}
