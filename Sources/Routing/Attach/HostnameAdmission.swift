internal import GatewayAPI

/// `weir.dev/hostnames` on a Gateway: which namespaces may use which hostnames, as `shop.example.com=team-b,team-c;
/// *.pay.example.com=payments`.
///
/// The most specific entry that covers a hostname decides; `*` alone is every other hostname, or every namespace. A
/// hostname that covers listed ones takes requests of theirs too, so it needs to be admitted to each. Hostnames that
/// nothing lists are anybody's. What cannot be read admits nobody.
struct HostnameAdmission {
    static let annotation = "weir.dev/hostnames"
    static let maximumEntries = 256
    private static let anything = "*"

    /// By hostname; empty for every other.
    private var namespaces: [String: Set<String>] = [:]
    /// Its keys in their order.
    private var listed: [String] = []
    /// It is not known which hostname an entry was for: what is not listed is nobody's.
    private var closesOthers = false
    private(set) var defects: [String] = []

    init(_ text: String) {
        let entries = text.split { $0 == ";" || $0.isNewline }.map(Self.trimmed).filter { !$0.isEmpty }
        if entries.isEmpty {
            defects.append("has no entry HOSTNAME=NAMESPACE,...; hostnames are admitted to nobody")
            closesOthers = true
        }
        if entries.count > Self.maximumEntries {
            defects.append(
                "must have at most \(Self.maximumEntries) entries, not \(entries.count); hostnames that the first ones do not list are admitted to nobody"
            )
            closesOthers = true
        }
        for entry in entries.prefix(Self.maximumEntries) { add(entry) }
        listed = namespaces.keys.sorted()
    }

    private mutating func add(_ entry: Substring) {
        let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = Self.trimmed(parts[0]).lowercased()
        guard name == Self.anything || Hostname.isValid(name) else {
            closesOthers = true
            defects.append(
                "entry \"\(entry)\": the hostname \(Hostname.rule), or *; hostnames that no entry lists are admitted to nobody"
            )
            return
        }
        let written = parts.count < 2 ? [] : parts[1].split(separator: ",").map(Self.trimmed)
        let admitted = written.filter { $0 == Self.anything || ResourceName.isLabel($0) }.map(String.init)
        if admitted.count != written.count || admitted.isEmpty {
            defects.append(
                "entry \"\(entry)\" must be HOSTNAME=NAMESPACE,...; what is no namespace is admitted to nothing")
        }
        let key = name == Self.anything ? "" : name
        if let known = namespaces[key] {
            defects.append("hostname \(name) is listed twice; namespaces that both entries have are admitted")
            namespaces[key] = known.intersection(admitted)
        } else {
            namespaces[key] = Set(admitted)
        }
    }

    private static func trimmed(_ text: some StringProtocol) -> Substring {
        var text = Substring(text)
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }

    /// The hostname by which a namespace is kept from another or from that very one; nil when it may use it.
    /// - Parameter hostname: empty for every host.
    func refusing(_ hostname: String, to namespace: String) -> String? {
        if let entry = governing(hostname) {
            if !admits(namespace, entry) { return hostname }
        } else if closesOthers {
            return hostname
        }
        guard Self.isWide(hostname) else { return nil }
        return listed.first { $0 != hostname && !admits(namespace, $0) && Self.covers(hostname, $0) }
    }

    /// Whether the platform has said who may use a hostname.
    func isListed(_ hostname: String) -> Bool { governing(hostname) != nil }

    private func admits(_ namespace: String, _ entry: String) -> Bool {
        let admitted = namespaces[entry] ?? []
        return admitted.contains(namespace) || admitted.contains(Self.anything)
    }

    private func governing(_ hostname: String) -> String? {
        if namespaces[hostname] != nil { return hostname }
        // From the narrowest that covers it to the widest: looked up, because this is asked of every hostname of every
        // route.
        var rest = Substring(hostname)
        if Self.isWide(hostname) { rest = rest.dropFirst(Self.wildcard.count) }
        while let dot = rest.utf8.firstIndex(of: UInt8(ascii: ".")) {
            rest = rest[rest.utf8.index(after: dot)...]
            let wide = Self.wildcard + rest
            if namespaces[wide] != nil { return wide }
        }
        return namespaces[""] == nil ? nil : ""
    }

    private static let wildcard = "*."

    /// Whether a hostname covers others.
    private static func isWide(_ hostname: String) -> Bool { hostname.isEmpty || hostname.hasPrefix(wildcard) }

    /// - Parameter wide: covers others.
    private static func covers(_ wide: String, _ narrow: String) -> Bool {
        wide.isEmpty || HostnameIntersection.covers(wide, narrow)
    }
}
