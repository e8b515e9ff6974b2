/// A copy of header edits that does not keep the table alive that they come from.
package final class KeptHeaderEdits: Sendable {
    private nonisolated(unsafe) let records: FlatBuffer<HeaderEdit>
    private nonisolated(unsafe) let text: FlatBuffer<UInt8>
    private let removedLengths: UInt64

    init(_ range: EditRange, of table: RouteTable) {
        var bytes: [UInt8] = []
        func kept(_ text: TableText) -> TableText {
            let start = bytes.count
            bytes += table.bytes(text)
            return TableText(start: UInt32(truncatingIfNeeded: start), length: text.length)
        }
        records = FlatBuffer(
            table.edits.slice(range.start, range.count).map {
                HeaderEdit(kind: $0.kind, name: kept($0.name), value: kept($0.value))
            })
        text = FlatBuffer(bytes)
        removedLengths = range.removedLengths
    }

    deinit {
        records.deallocate()
        text.deallocate()
    }

    /// Valid while this object lives.
    package var edits: HeaderEdits {
        HeaderEdits(
            records.slice(0, Int32(records.count)), removedLengths, text.slice(0, Int32(text.count)))
    }
}

extension RouteTable {
    /// A copy of what `responseEdits` tells; nil when nothing is changed.
    package func keptResponseEdits(_ rule: Int32, share: Int32) -> KeptHeaderEdits? {
        let range =
            share < 0 ? rules.pointer(rule).pointee.responseEdits : sharePointer(rule, share).pointee.responseEdits
        return range.count > 0 ? KeptHeaderEdits(range, of: self) : nil
    }
}
