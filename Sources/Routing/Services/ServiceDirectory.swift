package import GatewayAPI

/// Every TCP port of every Service that is a frontend, laid out flat: where a connection to a ClusterIP leads as long
/// as no route is attached to it. In a large cluster that is nearly all there is, and it depends on the Services alone:
/// route tables share it until one of them changes.
///
/// Immutable once made, so any thread may read it; looking up allocates nothing. Entries stand in the order of their
/// Services' keys, and of the ports in each.
package final class ServiceDirectory: @unchecked Sendable {
    /// Of a cluster without Services, and for those who serve none.
    package static let empty = ServiceDirectory(ServiceTable())

    struct Entry: BitwiseCopyable {
        /// Where `mesh <namespace>/<name>:<port> ` begins in the text.
        var start: UInt32
        var length: UInt16
        var port: UInt16
        /// The first of its addresses; they end where the next entry's begin.
        var addresses: Int32
        var namespaceLength: UInt8
        var appProtocol: AppProtocol
    }

    let text: FlatBuffer<UInt8>
    let entries: FlatBuffer<Entry>
    let addresses: FlatBuffer<ServiceAddress>
    private let index: HashIndex
    let hashSeed = UInt64.random(in: .min ... .max)
    /// What is wrong with the annotations of Services.
    let defects: [ObjectKey: Problem]
    /// Services that are left out for want of room.
    let refused: [ObjectKey: SharedRoom.Refusal]

    init(_ layout: consuming DirectoryLayout) {
        text = FlatBuffer(layout.text)
        layout.text = []
        entries = FlatBuffer(layout.entries)
        layout.entries = []
        addresses = FlatBuffer(layout.addresses)
        layout.addresses = []
        defects = layout.defects
        refused = layout.refused
        let (addresses, seed) = (addresses, hashSeed)
        index = HashIndex(count: addresses.count, isDense: true) { addresses[Int32($0)].hash(seed: seed) }
    }

    deinit {
        text.deallocate()
        entries.deallocate()
        addresses.deallocate()
        index.deallocate()
    }

    /// Entries, numbered from 0 on.
    package var count: Int32 { Int32(entries.count) }

    /// The entry that an address and port lead to, of several the first; -1 when there is none.
    func find(_ wanted: ServiceAddress, hash: UInt64) -> Int32 {
        let found = index.find(hash) { addresses[$0].isSame(as: wanted) }
        return found < 0 ? -1 : addresses[found].frontend
    }

    /// `<namespace>/<name>:<port>`, valid while the directory lives.
    package func name(_ entry: Int32) -> UnsafeRawBufferPointer {
        let announcement = announcement(entry)
        return Bytes.slice(announcement, DirectoryLayout.prefix.utf8CodeUnitCount, announcement.count - 1)
    }

    /// What `weir-routed` says of the entry, with the space before the routes.
    func announcement(_ entry: Int32) -> UnsafeRawBufferPointer {
        let entry = entries[entry]
        return UnsafeRawBufferPointer(text.slice(Int32(truncatingIfNeeded: entry.start), Int32(entry.length)))
    }

    /// The port of the Service that the entry stands for, on each of its addresses.
    package func port(_ entry: Int32) -> UInt16 { entries[entry].port }

    /// The Service's first ClusterIP; nil when it has none.
    package func address(_ entry: Int32) -> IPAddress? {
        let range = addressRange(entry..<entry + 1)
        return range.isEmpty ? nil : addresses[range.lowerBound].address
    }

    func addressRange(_ entries: Range<Int32>) -> Range<Int32> {
        firstAddress(entries.lowerBound)..<firstAddress(entries.upperBound)
    }

    private func firstAddress(_ entry: Int32) -> Int32 {
        entry < count ? entries[entry].addresses : Int32(addresses.count)
    }
}
