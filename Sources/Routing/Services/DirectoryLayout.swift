internal import GatewayAPI

/// A `ServiceDirectory` while it is laid out, in its order.
struct DirectoryLayout {
    static let prefix: StaticString = "mesh "
    /// Bytes of text for which room is made for each entry.
    private static let expectedText = 40
    /// Names of namespaces are labels, at most 63 bytes; one that is longer is no name of Kubernetes.
    private static let longestNamespace = Int(UInt8.max)
    /// `mesh`, names and port together.
    private static let longestText = Int(UInt16.max)

    var text: [UInt8] = []
    var entries: [ServiceDirectory.Entry] = []
    var addresses: [ServiceAddress] = []
    var defects: [ObjectKey: Problem] = [:]
    var refused: [ObjectKey: SharedRoom.Refusal] = [:]
    /// Nearly all Services have one of few sets of ports.
    private var lastPorts: [Service.Port] = []
    private var lastProtocols: [AppProtocol] = []

    /// - Parameter count: of the Services that are to come.
    init(count: Int, text bytes: Int? = nil) {
        entries.reserveCapacity(count)
        addresses.reserveCapacity(count)
        text.reserveCapacity(bytes ?? count * Self.expectedText)
    }

    mutating func append(_ service: Service) {
        guard service.isFrontend, service.metadata.key.namespace.utf8.count <= Self.longestNamespace else { return }
        defects[service.metadata.key] = RouteEnforcement.defect(of: service)
        if service.ports != lastPorts {
            lastPorts = service.ports
            lastProtocols = service.ports.map(\.plannedProtocol)
        }
        for (port, appProtocol) in zip(service.ports, lastProtocols) where port.isTCP {
            append(service, port.port, appProtocol)
        }
    }

    private mutating func append(_ service: Service, _ port: UInt16, _ appProtocol: AppProtocol) {
        let (start, key) = (text.count, service.metadata.key)
        text.append(contentsOf: UnsafeBufferPointer(start: Self.prefix.utf8Start, count: Self.prefix.utf8CodeUnitCount))
        text.append(contentsOf: key.namespace.utf8)
        text.append(UInt8(ascii: "/"))
        text.append(contentsOf: key.name.utf8)
        text.append(UInt8(ascii: ":"))
        text.append(contentsOf: String(port).utf8)
        text.append(UInt8(ascii: " "))
        guard text.count - start <= Self.longestText else { return text.removeLast(text.count - start) }
        let entry = Int32(entries.count)
        entries.append(
            ServiceDirectory.Entry(
                start: UInt32(start), length: UInt16(text.count - start), port: port,
                addresses: Int32(addresses.count), namespaceLength: UInt8(key.namespace.utf8.count),
                appProtocol: appProtocol))
        for address in service.clusterIPs { addresses.append(ServiceAddress(address, port: port, frontend: entry)) }
    }

    /// Entries as another directory has them.
    mutating func append(_ range: Range<Int32>, of other: ServiceDirectory) {
        guard !range.isEmpty else { return }
        let (first, last) = (other.entries[range.lowerBound], other.entries[range.upperBound - 1])
        let (textShift, entryShift) = (text.count - Int(first.start), Int32(entries.count) - range.lowerBound)
        let addressShift = Int32(addresses.count) - first.addresses
        text.append(
            contentsOf: other.text.slice(
                Int32(truncatingIfNeeded: first.start), Int32(last.start + UInt32(last.length) - first.start)))
        for var entry in other.entries.slice(range.lowerBound, Int32(range.count)) {
            entry.start = UInt32(Int(entry.start) + textShift)
            entry.addresses += addressShift
            entries.append(entry)
        }
        let range = other.addressRange(range)
        for var address in other.addresses.slice(range.lowerBound, Int32(range.count)) {
            address.frontend += entryShift
            addresses.append(address)
        }
    }
}
