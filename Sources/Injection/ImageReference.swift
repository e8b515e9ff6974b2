/// The name of an image, as `registry.example.com:5000/team/weir:1.0@sha256:...`: what it names without saying
/// otherwise included (`weir` is `docker.io/library/weir`). The grammar is that of the OCI distribution's references.
package struct ImageReference: Hashable, Sendable {
    /// Registry and path, without tag and digest: two references name one repository when these are equal.
    package let repository: String
    package let tag: String?
    package let digest: String?

    package static let rule = "must be the name of an image, as registry.example.com/weir:1.0"

    /// Longer names are refused by everybody.
    private static let longestRepository = 255
    private static let longestTag = 128

    /// nil when the text is no reference.
    package init?(_ text: String) {
        guard text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else { return nil }
        var rest = Substring(text)
        digest = Self.cut(&rest, at: "@")
        // The colon of a port stands before a slash.
        tag = rest.lastIndex(of: ":").flatMap { colon in
            rest[colon...].contains("/") ? nil : Self.cut(&rest, at: ":", last: true)
        }
        if let digest, !Self.isDigest(digest) { return nil }
        if let tag, !Self.isTag(tag) { return nil }
        guard let repository = Self.repository(rest) else { return nil }
        self.repository = repository
    }

    /// Takes what follows a separator off the text.
    private static func cut(_ text: inout Substring, at separator: Character, last: Bool = false) -> String? {
        guard let place = last ? text.lastIndex(of: separator) : text.firstIndex(of: separator) else { return nil }
        let part = String(text[text.index(after: place)...])
        text = text[..<place]
        return part
    }

    private static func repository(_ name: Substring) -> String? {
        var parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        var registry = "docker.io"
        if let first = parts.first, parts.count > 1, isRegistry(first) {
            registry = first.lowercased()
            parts.removeFirst()
        }
        if registry == "index.docker.io" { registry = "docker.io" }
        if registry == "docker.io", parts.count == 1 { parts.insert("library", at: 0) }
        let repository = ([registry] + parts).joined(separator: "/")
        guard parts.allSatisfy(isPathPart), isHost(registry), repository.utf8.count <= longestRepository else {
            return nil
        }
        return repository
    }

    /// Whether the first part is a registry's host rather than a path's beginning.
    private static func isRegistry(_ part: String) -> Bool {
        part.contains(".") || part.contains(":") || part == "localhost" || part.lowercased() != part
    }

    private static func isHost(_ host: String) -> Bool {
        let parts = host.split(separator: ":", omittingEmptySubsequences: false)
        if host.hasPrefix("[") { return isBracketed(host) }
        guard let name = parts.first, parts.count <= 2 else { return false }
        let isPortFine = parts.count == 1 || isPort(parts[1])
        return isPortFine
            && name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
                !label.isEmpty && label.first != "-" && label.last != "-"
                    && label.utf8.allSatisfy { isLowerOrDigit($0) || $0 == UInt8(ascii: "-") }
            }
    }

    /// An IPv6 address.
    private static func isBracketed(_ host: String) -> Bool {
        guard let end = host.firstIndex(of: "]") else { return false }
        let address = host[host.index(after: host.startIndex)..<end]
        let rest = host[host.index(after: end)...]
        let isAddress = !address.isEmpty && address.utf8.allSatisfy { isHex($0) || $0 == UInt8(ascii: ":") }
        return isAddress && (rest.isEmpty || rest.hasPrefix(":") && isPort(rest.dropFirst()))
    }

    private static func isPort(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (48...57).contains($0) }
    }

    /// Lower-case letters and digits; between them `.`, `_`, `__` or dashes.
    private static func isPathPart(_ part: String) -> Bool {
        guard let first = part.utf8.first, let last = part.utf8.last, isLowerOrDigit(first), isLowerOrDigit(last),
            part.utf8.allSatisfy({ isLowerOrDigit($0) || $0 == 0x2e || $0 == 0x5f || $0 == 0x2d })
        else { return false }
        return !["..", "._", "_.", ".-", "-.", "_-", "-_", "___"].contains { part.contains($0) }
    }

    private static func isTag(_ tag: String) -> Bool {
        guard let first = tag.utf8.first, tag.utf8.count <= longestTag else { return false }
        return isWord(first) && tag.utf8.allSatisfy { isWord($0) || $0 == 0x2e || $0 == 0x2d }
    }

    private static func isDigest(_ digest: String) -> Bool {
        let parts = digest.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let algorithm = parts.first, !algorithm.isEmpty else { return false }
        return algorithm.utf8.allSatisfy(isLowerOrDigit) && parts[1].utf8.count >= 32
            && parts[1].utf8.allSatisfy(isHex)
    }

    private static func isLowerOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (48...57).contains(byte)
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        isLowerOrDigit(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || byte == UInt8(ascii: "_")
    }

    private static func isHex(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
