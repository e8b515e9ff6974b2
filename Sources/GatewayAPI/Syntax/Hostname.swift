/// Hostnames of listeners, routes and filters (Gateway API `Hostname`, `PreciseHostname`).
package enum Hostname {
    package static let rule = "must be a DNS name in lower case, maybe with *. in front, and no IP address"
    package static let preciseRule = "must be a DNS name in lower case without wildcard, and no IP address"

    /// A DNS name without wildcard that is no IP address. Expects lower case.
    package static func isPrecise(_ text: some StringProtocol) -> Bool {
        ResourceName.isSubdomain(text) && IPAddress(text) == nil
    }

    /// A precise hostname, or one with `*.` in front.
    package static func isValid(_ text: some StringProtocol) -> Bool {
        guard text.utf8.count <= ResourceName.maximumSubdomainLength else { return false }
        return text.hasPrefix("*.") ? isPrecise(text.dropFirst(2)) : isPrecise(text)
    }
}
