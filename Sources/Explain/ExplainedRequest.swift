internal import GatewayAPI

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
    /// The port that the URL addresses; 80, or 443 of an https URL, when it names none.
    package let port: UInt16
    /// Sent over TLS, as an https URL says.
    package let isTLS: Bool
    /// What a client asks for in its handshake (SNI): the host of the URL, whatever a Host line says; empty for an IP
    /// address.
    let serverName: String
    /// Without Host.
    package let headers: [Header]

    /// - Parameters:
    ///   - url: `http://host[:port]/path?query`, `https://...` likewise, or `/path?query`.
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
        self.port = try Self.port(parts.authority) ?? (parts.isTLS ? 443 : 80)
        self.isTLS = parts.isTLS
        self.serverName = Self.serverName(parts.authority ?? "")
        self.headers = headers
    }

    private struct Parts {
        var isTLS = false
        var authority: String?
        var target: String
    }

    private static func split(_ url: String) throws(Mistake) -> Parts {
        let withoutFragment = url.prefix { $0 != "#" }
        guard !withoutFragment.contains(" ") else {
            throw Mistake(message: "URL: '\(url)' has a space; write it as %20")
        }
        if withoutFragment.hasPrefix("/") || withoutFragment == "*" { return Parts(target: String(withoutFragment)) }
        guard let scheme = ["http://", "https://"].first(where: withoutFragment.lowercased().hasPrefix) else {
            throw Mistake(
                message: "URL: '\(url)' is none of http://HOST[:PORT]/PATH, https://HOST[:PORT]/PATH and /PATH")
        }
        let rest = withoutFragment.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard !authority.isEmpty else { throw Mistake(message: "URL: '\(url)' has no host") }
        let target = rest.dropFirst(authority.count)
        return Parts(
            isTLS: scheme == "https://", authority: String(authority),
            target: target.hasPrefix("/") ? String(target) : "/" + target)
    }

    private static func header(_ line: String) throws(Mistake) -> Header {
        guard let colon = line.firstIndex(of: ":"), colon > line.startIndex else {
            throw Mistake(message: "-H: '\(line)' is not 'Name: value'")
        }
        let value = line[line.index(after: colon)...].drop { $0 == " " }
        return Header(name: String(line[..<colon]), value: String(value))
    }

    /// The port of `host:port`, nil when there is none.
    private static func port(_ authority: String?) throws(Mistake) -> UInt16? {
        guard let authority, let colon = portColon(authority) else { return nil }
        let text = authority[authority.index(after: colon)...]
        guard let port = UInt16(text), port > 0 else {
            throw Mistake(message: "URL: port '\(text)' must be 1...65535")
        }
        return port
    }

    /// RFC 6066 section 3: an address is no name to ask for.
    private static func serverName(_ authority: String) -> String {
        let host = String(authority[..<(portColon(authority) ?? authority.endIndex)])
        return host.hasPrefix("[") || IPAddress(host) != nil ? "" : host
    }

    /// The colon before the port; the brackets of an IPv6 literal hide its own.
    private static func portColon(_ authority: String) -> String.Index? {
        authority.lastIndex(of: ":").flatMap { authority[$0...].contains("]") ? nil : $0 }
    }
}
