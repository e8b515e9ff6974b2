internal import GatewayAPI

/// Names and label values made from the names of Gateways, which are longer than what they become part of may be.
enum GeneratedName {
    /// What a Service, a port's label and most else may have (RFC 1035 label).
    static let maximumLength = 63

    /// `<gateway>-<class>` as it is when that is a name a Service can have; otherwise as much of it as there is room
    /// for and a hash of the whole.
    static func object(gateway: String, className: String) -> String {
        let text = "\(gateway)-\(className)"
        return isServiceName(text) ? text : shortened(text, hashed: "\(gateway)/\(className)")
    }

    /// For an object outside of the Gateway's namespace, where Gateways of several namespaces meet.
    static func foreignObject(gateway: ObjectKey, className: String) -> String {
        shortened("\(gateway.name)-\(className)", hashed: "\(gateway)/\(className)")
    }

    /// The text itself when it can be a label's value, else its beginning and a hash.
    static func labelValue(_ text: String) -> String {
        guard text.utf8.count > maximumLength else { return text }
        return shortened(text, hashed: text)
    }

    private static func shortened(_ text: String, hashed: String) -> String {
        let suffix = "-" + StableHash(hashed.utf8).shortText
        var stem = text.utf8.map { $0 == UInt8(ascii: ".") ? UInt8(ascii: "-") : $0 }[...]
        if let first = stem.first, !(97...122).contains(first) { stem = Array("gw-".utf8) + stem }
        stem = stem.prefix(maximumLength - suffix.utf8.count)
        while stem.last == UInt8(ascii: "-") { stem.removeLast() }
        return String(decoding: stem, as: UTF8.self) + suffix
    }

    private static func isServiceName(_ text: String) -> Bool {
        guard let first = text.utf8.first, (97...122).contains(first) else { return false }
        return ResourceName.isLabel(text)
    }
}
