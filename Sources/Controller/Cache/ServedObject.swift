internal import GatewayAPI

/// An object as it is served: its JSON, once in memory for all who are sent it.
final class ServedObject {
    let key: ObjectKey
    let labels: [(name: String, value: String)]
    let version: UInt64
    /// Compact JSON.
    let bytes: [UInt8]
    /// Where in `bytes` the digits of the resource version are.
    private let versionOffset: Int

    init(
        key: ObjectKey, labels: [(name: String, value: String)], bytes: [UInt8], versionOffset: Int, version: UInt64
    ) {
        self.key = key
        self.labels = labels
        self.versionOffset = versionOffset
        self.version = version
        self.bytes = ServedObject.writing(version, into: bytes, at: versionOffset)
    }

    func label(_ name: String) -> String? { labels.first { $0.name == name }?.value }

    /// The object's JSON with another version: that of its removal.
    func bytes(version: UInt64) -> [UInt8] { ServedObject.writing(version, into: bytes, at: versionOffset) }

    /// Whether `other`, written with no version yet, says the same.
    func isSame(as other: [UInt8]) -> Bool {
        let digits = versionOffset..<(versionOffset + ServedVersion.digits)
        guard other.count == bytes.count, digits.upperBound <= bytes.count else { return false }
        return bytes[..<digits.lowerBound] == other[..<digits.lowerBound]
            && bytes[digits.upperBound...] == other[digits.upperBound...]
    }

    private static func writing(_ version: UInt64, into bytes: [UInt8], at offset: Int) -> [UInt8] {
        let digits = Array(String(version).utf8)
        guard digits.count == ServedVersion.digits, offset + digits.count <= bytes.count else { return bytes }
        var bytes = bytes
        bytes.replaceSubrange(offset..<(offset + digits.count), with: digits)
        return bytes
    }
}

/// One change: an object came (`old` is nil), changed, or went (`new` is nil).
struct ObjectEvent {
    var version: UInt64
    var old: ServedObject?
    var new: ServedObject?
}
