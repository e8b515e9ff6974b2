/// What of a Service is its own, as a `ServiceTable` keeps it: bytes, numbers of seven bits to a byte, texts with their
/// lengths before them.
///
///     length | namespace, shape | name | time? | addresses | selector
struct ServiceRecord {
    private static let ipv6: UInt64 = 1

    /// Numbers in the table.
    let namespace: Int
    let shape: Int
    /// Bytes of the whole record.
    let length: Int
    private let nameRange: Range<Int>
    private var reader: RecordReader

    /// - Parameter start: of the record among the bytes.
    init(_ bytes: [UInt8], at start: Int) {
        reader = RecordReader(bytes: bytes, offset: start)
        let rest = reader.count()
        length = reader.offset - start + rest
        namespace = reader.count()
        shape = reader.count()
        nameRange = reader.textRange()
    }

    var name: String { reader.text(nameRange) }

    /// Fills in what `rest(of:)` leaves out, but for the key.
    mutating func read(into service: inout Service) {
        if reader.number() > 0 { service.metadata.creationTimestamp = Int64(bitPattern: reader.number()) }
        service.clusterIPs = (0..<reader.count()).map { _ in
            reader.number() == Self.ipv6
                ? IPAddress(high: reader.number(), low: reader.number(), isIPv6: true)
                : IPAddress(high: 0, low: reader.number(), isIPv6: false)
        }
        for _ in 0..<reader.count() {
            let name = reader.text()
            service.selector[name] = reader.text()
        }
    }

    /// As `Service.selects`, without making the Service.
    mutating func selects(_ labels: [String: String]) -> Bool {
        if reader.number() > 0 { _ = reader.number() }
        for _ in 0..<reader.count() {
            if reader.number() == Self.ipv6 { _ = reader.number() }
            _ = reader.number()
        }
        let count = reader.count()
        for _ in 0..<count where labels[reader.text()] != reader.text() { return false }
        return count > 0
    }

    // MARK: Writing

    /// What many Services have alike.
    static func rest(of service: Service) -> Service {
        var rest = service
        rest.metadata.key = ObjectKey(namespace: "", name: "")
        rest.metadata.creationTimestamp = nil
        rest.clusterIPs = []
        rest.selector = [:]
        return rest
    }

    static func append(_ service: Service, name: String, namespace: Int, shape: Int, to bytes: inout [UInt8]) {
        var record = RecordWriter()
        record.number(UInt64(namespace))
        record.number(UInt64(shape))
        record.text(name)
        record.number(service.metadata.creationTimestamp == nil ? 0 : 1)
        if let time = service.metadata.creationTimestamp { record.number(UInt64(bitPattern: time)) }
        record.number(UInt64(service.clusterIPs.count))
        for address in service.clusterIPs {
            record.number(address.isIPv6 ? ipv6 : 0)
            if address.isIPv6 { record.number(address.high) }
            record.number(address.low)
        }
        record.number(UInt64(service.selector.count))
        for (name, value) in service.selector {
            record.text(name)
            record.text(value)
        }
        var head = RecordWriter()
        head.number(UInt64(record.bytes.count))
        bytes += head.bytes
        bytes += record.bytes
    }
}

private struct RecordWriter {
    private(set) var bytes: [UInt8] = []

    mutating func number(_ value: UInt64) {
        var rest = value
        while rest > 0x7f {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    mutating func text(_ text: String) {
        number(UInt64(text.utf8.count))
        bytes += text.utf8
    }
}

/// Reads what a `RecordWriter` has written.
private struct RecordReader {
    let bytes: [UInt8]
    private(set) var offset: Int

    mutating func number() -> UInt64 {
        var (value, shift): (UInt64, UInt64) = (0, 0)
        while true {
            let byte = bytes[offset]
            offset += 1
            value |= UInt64(byte & 0x7f) << shift
            guard byte > 0x7f else { return value }
            shift += 7
        }
    }

    mutating func count() -> Int { Int(truncatingIfNeeded: number()) }

    mutating func textRange() -> Range<Int> {
        let count = count()
        defer { offset += count }
        return offset..<offset + count
    }

    mutating func text() -> String { text(textRange()) }

    func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
}
