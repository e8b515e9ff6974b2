extension RequestRedirect {
    private static let statusCodes: [Int64] = [301, 302, 303, 307, 308]

    init(_ reader: FieldReader) {
        reader.checkFields(["scheme", "hostname", "path", "port", "statusCode"])
        let status = reader.integer("statusCode", in: 0...Int64.max) ?? 302
        if !Self.statusCodes.contains(status) {
            reader.error("statusCode", "must be one of 301, 302, 303, 307, 308")
        }
        self.init(
            scheme: reader.string("scheme", .oneOf(["http", "https"])),
            hostname: reader.string("hostname", .preciseHostname)?.lowercased(),
            path: reader.mapping("path").flatMap(PathModifier.init),
            port: reader.port("port"),
            statusCode: Int(status))
    }
}

extension URLRewrite {
    init(_ reader: FieldReader) {
        reader.checkFields(["hostname", "path"])
        self.init(
            hostname: reader.string("hostname", .preciseHostname)?.lowercased(),
            path: reader.mapping("path").flatMap(PathModifier.init))
    }
}

extension PathModifier {
    /// The replacement goes out as written in a request line or Location field: nothing there may end it.
    private static let replacement = StringRule.when(
        { text in
            text.utf8.count <= ResourceLimits.pathLength
                && text.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "#") }
        }, "must be at most 1024 printable ASCII characters without spaces or #")

    fileprivate init?(_ reader: FieldReader) {
        reader.checkFields(["type", "replaceFullPath", "replacePrefixMatch"])
        switch reader.requiredString("type", .oneOf(["ReplaceFullPath", "ReplacePrefixMatch"])) {
        case "ReplaceFullPath":
            guard let value = Self.value("replaceFullPath", not: "replacePrefixMatch", reader) else { return nil }
            self = .replaceFullPath(value)
        case "ReplacePrefixMatch":
            guard let value = Self.value("replacePrefixMatch", not: "replaceFullPath", reader) else { return nil }
            self = .replacePrefixMatch(value)
        default:
            return nil
        }
    }

    private static func value(_ key: String, not other: String, _ reader: FieldReader) -> String? {
        if reader.has(other) { reader.error(other, "must not be set beside \(key)'s type") }
        return reader.requiredString(key, replacement)
    }
}
