/// The field lines of one head. Its memory is allocated once and used again for every head that its owner parses.
@safe package final class FieldTable {
    /// The most field lines a table holds.
    package static let capacity = HTTP1Limits.defaultFields

    /// What is known of all lines together, in plain memory for the reason that `RequestFacts` gives.
    package struct Summary {
        package var count = 0
        package var seen: UInt64 = 0
        package var repeated: UInt64 = 0

        package init() {}
    }

    @usableFromInline let storage: UnsafeMutablePointer<HeaderField>
    @usableFromInline let summary: UnsafeMutablePointer<Summary>

    package init() {
        unsafe storage = .allocate(capacity: FieldTable.capacity)
        unsafe summary = .allocate(capacity: 1)
        unsafe summary.initialize(to: Summary())
    }

    deinit {
        unsafe storage.deallocate()
        unsafe summary.deallocate()
    }

    /// How many lines the last head had.
    @inlinable package var count: Int { unsafe summary.pointee.count }
    /// Bits (`KnownField.bit`) of the names that occur.
    @inlinable package var seen: UInt64 { unsafe summary.pointee.seen }
    /// Bits of the names that occur on more than one line.
    @inlinable package var repeated: UInt64 { unsafe summary.pointee.repeated }

    /// The line at `index`, which the caller takes from `0..<count`.
    @inlinable package subscript(index: Int) -> HeaderField {
        precondition(index >= 0 && index < count, "field index out of range")
        return unsafe storage[index]
    }

    @inlinable package func contains(_ known: KnownField) -> Bool { seen & known.bit != 0 }

    /// The first line of that name, or nil.
    @inlinable package func firstIndex(of known: KnownField) -> Int? {
        guard contains(known) else { return nil }
        for index in 0..<count where unsafe storage[index].known == known { return index }
        return nil
    }

    /// Marks the line as one that must not be forwarded.
    func drop(_ index: Int) {
        guard index >= 0, index < count else { return }
        unsafe storage[index].hopByHop = true
    }
}
