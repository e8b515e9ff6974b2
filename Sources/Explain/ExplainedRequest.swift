/// A request as a person writes it down: method, URL and header lines.
package struct ExplainedRequest: Sendable {
    package struct Header: Sendable {
        package var name: String
        package var value: String
    }

    /// Why something on the command line is no request.
    package struct Mistake: Error, Sendable {
        package var message: String
    }

    package let method: String
    /// Path and query, as they would stand in the request line.
    package let target: String
    /// `host[:port]`, nil when none was given.
    package let authority: String?
    /// The port that the URL addresses, 80 when it names none.
    package let port: UInt16
    /// Without Host.
    package let headers: [Header]

    /// - Parameters:
    ///   - url: `http://host[:port]/path?query`, or `/path?query`.
    ///   - headers: lines `Name: value`; a Host line wins over the URL's host, as with other clients.
    package init(method: String, url: String, headers lines: [String]) throws(Mistake) {
        let parts = try Self.split(url)
        var headers: [Header] = []
        var authority = parts.authority
        for line in lines {
            let header = try Self.header(line)
            if header.name.lowercased() == "host" { authority = header.value } else { headers.append(header) }
        }
        for text in [method, parts.target, authority ?? ""] + headers.flatMap({ [$0.name, $0.value] }) {
            guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7f }) else {
                throw Mistake(message: "control characters cannot be part of a request")
            }
        }
        guard !method.isEmpty, !method.contains(" ") else {
            throw Mistake(message: "METHOD: '\(method)' is no HTTP method, as GET is")
        }
        self.method = method
        self.target = parts.target
        self.authority = authority
        self.port = try Self.port(parts.authority)
        self.headers = headers
    }

    private static func split(_ url: String) throws(Mistake) -> (authority: String?, target: String) {
        let withoutFragment = url.prefix { $0 != "#" }
        guard !withoutFragment.contains(" ") else {
            throw Mistake(message: "URL: '\(url)' has a space; write it as %20")
        }
        if withoutFragment.hasPrefix("/") || withoutFragment == "*" { return (nil, String(withoutFragment)) }
        let scheme = "http://"
        guard withoutFragment.lowercased().hasPrefix(scheme) else {
            throw Mistake(message: "URL: '\(url)' is neither http://HOST[:PORT]/PATH nor /PATH")
        }
        let rest = withoutFragment.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard !authority.isEmpty else { throw Mistake(message: "URL: '\(url)' has no host") }
        let target = rest.dropFirst(authority.count)
        return (String(authority), target.hasPrefix("/") ? String(target) : "/" + target)
    }

    private static func header(_ line: String) throws(Mistake) -> Header {
        guard let colon = line.firstIndex(of: ":"), colon > line.startIndex else {
            throw Mistake(message: "-H: '\(line)' is not 'Name: value'")
        }
        let value = line[line.index(after: colon)...].drop { $0 == " " }
        return Header(name: String(line[..<colon]), value: String(value))
    }

    /// The port of `host:port`; the brackets of an IPv6 literal hide its colons.
    private static func port(_ authority: String?) throws(Mistake) -> UInt16 {
        guard let authority, let colon = authority.lastIndex(of: ":"),
            !authority[colon...].contains("]")
        else { return 80 }
        let text = authority[authority.index(after: colon)...]
        guard let port = UInt16(text), port > 0 else {
            throw Mistake(message: "URL: port '\(text)' must be 1...65535")
        }
        return port
    }
}
