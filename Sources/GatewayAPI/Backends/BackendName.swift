/// A DNS name as a `Backend` names a host: what RFC 1034 section 3.1 and RFC 2181 section 11 let a resolver look up, so
/// that an absolute name (`db.example.com.`) and an underscore are names too.
package struct BackendName: Hashable, Sendable {
    /// The name without the dot that makes it absolute, in lower case: what a Host field says.
    package let host: String
    /// Written with a dot at the end: no search domain is tried.
    package let isAbsolute: Bool

    /// nil for what no resolver takes for a name. A last label that is a number makes some resolvers read the whole as
    /// an IPv4 address in one of its old forms (`127.1`, `0x7f000001`, `2130706433`), so it is none.
    package init?(_ text: some StringProtocol) {
        let isAbsolute = text.hasSuffix(".")
        let host = (isAbsolute ? String(text.dropLast()) : String(text)).lowercased()
        let labels = host.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard host.utf8.count <= ResourceName.maximumSubdomainLength, labels.allSatisfy(Self.isLabel),
            let last = labels.last, !Self.isNumber(last)
        else { return nil }
        self.host = host
        self.isAbsolute = isAbsolute
    }

    /// From the left.
    var labels: [Substring] { host.split(separator: ".") }

    private static func isLabel(_ label: Substring.UTF8View) -> Bool {
        let hyphen = UInt8(ascii: "-")
        guard (1...ResourceName.maximumLabelLength).contains(label.count), label.first != hyphen, label.last != hyphen
        else { return false }
        return label.allSatisfy { byte in
            (97...122).contains(byte) || (48...57).contains(byte) || byte == hyphen || byte == UInt8(ascii: "_")
        }
    }

    private static func isNumber(_ label: Substring.UTF8View) -> Bool {
        if label.allSatisfy({ (48...57).contains($0) }) { return true }
        return label.starts(with: "0x".utf8)
            && label.dropFirst(2).allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }

    // MARK: Names that lead inside

    private static let ownNames: Set<String> = [
        "localhost", "localhost.localdomain", "localhost4", "localhost4.localdomain4", "localhost6",
        "localhost6.localdomain6", "ip6-localhost", "ip6-loopback", "loopback",
    ]

    /// A name of this machine (RFC 6761 section 6.3, and what hosts files have).
    var isLoopback: Bool { Self.ownNames.contains(host) || host.hasSuffix(".localhost") }

    /// A name that the cluster's DNS answers, by its own words alone.
    func isOfCluster(domain: String) -> Bool {
        host == domain || host.hasSuffix("." + domain) || host == "svc" || host.hasSuffix(".svc")
            || host.hasSuffix(".pod")
    }

    /// Services that the name would lead to: with a domain of the cluster's that is not known, or with a pod's search
    /// domains.
    func services(searchedIn namespaces: [String]) -> [ObjectKey] {
        let labels = labels
        guard let name = labels.first else { return [] }
        if labels.count == 1 {
            return isAbsolute ? [] : namespaces.map { ObjectKey(namespace: $0, name: String(name)) }
        }
        guard labels.count > 2 ? labels[2] == "svc" : !isAbsolute else { return [] }
        return [ObjectKey(namespace: String(labels[1]), name: String(name))]
    }
}
