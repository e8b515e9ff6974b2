/// Fields that say where a message ends, that concern one connection, or that proxies tell each other: a route can neither
/// write nor remove them, else its owner could pass a part of one message off as another one's.
enum FramingField {
    private static let names: [StaticString] = [
        "te", "upgrade", "trailer", "connection", "keep-alive", "weir-routed", "content-length", "proxy-connection",
        "transfer-encoding",
    ]

    /// Whether a name (in any case) is one of them. Asked only for what a route changes.
    static func isOne(_ name: UnsafeRawBufferPointer) -> Bool {
        for known in names where known.utf8CodeUnitCount == name.count {
            var isEqual = true
            for position in 0..<name.count where name[position] | 0x20 != known.utf8Start[position] | 0x20 {
                isEqual = false
            }
            if isEqual { return true }
        }
        return false
    }
}
