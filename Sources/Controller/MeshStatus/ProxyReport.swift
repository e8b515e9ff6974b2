package import GatewayAPI

/// What a proxy says of itself: `GET :15020/status`.
package struct ProxyReport: Hashable, Sendable {
    /// What a sidecar has found of the rules that redirect its pod's connections.
    package struct Rules: Hashable, Sendable {
        /// `in place`, `missing`, `unknown`, `none`.
        package var state: String
        /// What is missing, as `IPv6 inbound`.
        package var lacking: [String]
    }

    package var version: String
    package var isReady: Bool
    package var isDraining: Bool
    package var snapshotVersion: Int64
    /// Seconds; nil before the first snapshot.
    package var snapshotAge: Int64?
    package var isSourceHealthy: Bool
    package var problems: Int64
    /// Nil of a gateway, and of a version that does not look.
    package var rules: Rules?

    /// nil when the answer is none of a Weir proxy.
    package init?(_ node: Node) {
        guard let version = node["version"]?.stringValue, let ready = node["ready"]?.boolValue else { return nil }
        self.version = version
        isReady = ready
        isDraining = node["draining"]?.boolValue ?? false
        snapshotVersion = node["snapshot"]?["version"]?.integerValue ?? 0
        snapshotAge = node["snapshot"]?["ageSeconds"]?.integerValue
        isSourceHealthy = node["source"]?["healthy"]?.boolValue ?? true
        problems = node["source"]?["problems"]?.integerValue ?? 0
        rules = node["rules"]?["state"]?.stringValue.map { state in
            Rules(state: state, lacking: (node["rules"]?["lacking"]?.elements ?? []).compactMap(\.stringValue))
        }
    }
}
