/// Where an API server is: `https://host:port/prefix`.
package struct ServerURL: Hashable, Sendable, CustomStringConvertible {
    package var isSecure: Bool
    /// A name or an address, without brackets.
    package var host: String
    package var port: UInt16
    /// Comes before every path; empty, or begins with a slash and does not end with one.
    package var prefix: String

    package init(isSecure: Bool, host: String, port: UInt16, prefix: String = "") {
        self.isSecure = isSecure
        self.host = host
        self.port = port
        self.prefix = prefix
    }

    /// nil for anything but an http or https URL of a host without query, fragment or user.
    package init?(_ text: String) {
        var rest = text[...]
        if rest.hasPrefix("https://") {
            isSecure = true
            rest = rest.dropFirst("https://".count)
        } else if rest.hasPrefix("http://") {
            isSecure = false
            rest = rest.dropFirst("http://".count)
        } else {
            return nil
        }
        guard rest.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }), !rest.contains(where: { "?#@\\".contains($0) }) else {
            return nil
        }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        var path = rest[slash...]
        while path.hasSuffix("/") { path.removeLast() }
        prefix = String(path)
        guard let place = Self.place(rest[..<slash], defaultPort: isSecure ? 443 : 80) else { return nil }
        (host, port) = place
    }

    private static func place(_ authority: Substring, defaultPort: UInt16) -> (String, UInt16)? {
        var host = authority
        var port: UInt16? = defaultPort
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            host = authority[authority.index(after: authority.startIndex)..<end]
            let rest = authority[authority.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { return nil }
            if rest.count > 1 { port = UInt16(rest.dropFirst()) }
        } else if let colon = authority.firstIndex(of: ":") {
            host = authority[..<colon]
            port = UInt16(authority[authority.index(after: colon)...])
        }
        guard !host.isEmpty, let port, port > 0 else { return nil }
        return (String(host), port)
    }

    package var description: String {
        let literal = host.contains(":") ? "[\(host)]" : host
        return "\(isSecure ? "https" : "http")://\(literal):\(port)\(prefix)"
    }
}
