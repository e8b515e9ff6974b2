/// The hostnames a route serves on a listener (Gateway API, HTTPRoute.spec.hostnames). Names are lower-cased.
enum HostnameIntersection {
    /// nil when both sides name hosts and none is common; empty when neither side names any.
    static func intersect(listener: String?, route: [String]) -> [String]? {
        guard let listener else { return route }
        if route.isEmpty { return [listener] }
        var common: [String] = []
        for hostname in route {
            guard let name = intersect(listener, hostname), !common.contains(name) else { continue }
            common.append(name)
        }
        return common.isEmpty ? nil : common
    }

    /// The more specific of two names when one covers the other.
    static func intersect(_ a: String, _ b: String) -> String? {
        if a == b { return a }
        if covers(a, b) { return b }
        if covers(b, a) { return a }
        return nil
    }

    /// `*.b` covers one or more labels below `b`, and never `b` itself.
    static func covers(_ wildcard: String, _ name: String) -> Bool {
        guard wildcard.utf8.starts(with: "*.".utf8) else { return false }
        let suffix = wildcard.utf8.dropFirst()
        return name.utf8.count > suffix.count && name.utf8.suffix(suffix.count).elementsEqual(suffix)
    }
}
