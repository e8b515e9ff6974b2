/// Header fields that a route cannot change as it likes, in any spelling that applications take for theirs.
enum ReservedField {
    /// They say where a message ends, concern one connection, or are what proxies tell each other: whoever could write
    /// or remove them could pass a part of one message off as another one's.
    private static let framing: Set<String> = [
        "connection", "content-length", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding",
        "upgrade",
    ]
    /// How the names of fields begin by which proxies of the mesh tell each other what became of a request.
    private static let mesh = "weir-"

    /// Why the change `key` (set, add or remove) of the field is left out; nil when it is not.
    static func refusal(_ name: String, _ key: String) -> String? {
        let name = spelling(name)
        if framing.contains(name) || name.hasPrefix(mesh) {
            return "frames the message or is the proxies' own, which no route changes"
        }
        // A request has one Host (RFC 9112 section 3.2).
        if name == "host", key != "set" { return "is in every request once, so it can be set only" }
        return nil
    }

    /// The name as interfaces see it that turn names into variables: in one case, and with `-` for all but letters and
    /// digits.
    private static func spelling(_ name: String) -> String {
        String(decoding: name.lowercased().utf8.map { isPlain($0) ? $0 : UInt8(ascii: "-") }, as: UTF8.self)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte)
    }
}
