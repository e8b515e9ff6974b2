/// Header fields that a route cannot change as it likes.
enum ReservedField {
    /// They say where a message ends, concern one connection, or are what proxies tell each other: whoever could write or remove them
    /// could pass a part of one message off as another one's.
    private static let framing: Set<String> = [
        "connection", "content-length", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding",
        "upgrade",
        "weir-hops", "weir-routed",
    ]

    /// Why the change `key` (set, add or remove) of the field is left out; nil when it is not.
    static func refusal(_ name: String, _ key: String) -> String? {
        let name = name.lowercased()
        if framing.contains(name) {
            return "frames the message or is the proxies' own, which no route changes"
        }
        // A request has one Host (RFC 9112 section 3.2).
        if name == "host", key != "set" { return "is in every request once, so it can be set only" }
        return nil
    }
}
