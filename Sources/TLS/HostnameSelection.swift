/// Which of several hostnames a name chooses: the equal one, else the wildcard with the longest suffix (`*.example.com`
/// stands for one or more labels), else the one that names none.
struct HostnameSelection {
    private var exact: [String: Int] = [:]
    /// By suffix, the dot included.
    private var wildcards: [String: Int] = [:]
    private var unnamed: Int?

    /// The first of equal hostnames counts.
    init(_ hostnames: [String?]) {
        for (position, hostname) in hostnames.enumerated() {
            guard let hostname = hostname?.lowercased() else {
                unnamed = unnamed ?? position
                continue
            }
            if hostname.hasPrefix("*.") {
                let suffix = String(hostname.dropFirst())
                wildcards[suffix] = wildcards[suffix] ?? position
            } else {
                exact[hostname] = exact[hostname] ?? position
            }
        }
    }

    /// The position of the hostname chosen by a name in lower case; nil when none is, or when without a name each has
    /// one.
    func position(of name: String?) -> Int? {
        guard let name else { return unnamed }
        if let position = exact[name] { return position }
        var rest = name[...]
        while let dot = rest.dropFirst().firstIndex(of: ".") {
            rest = rest[dot...]
            if let position = wildcards[String(rest)] { return position }
        }
        return unnamed
    }
}
