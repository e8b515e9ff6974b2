/// The field lines of one head. Its memory is allocated once and used again for every head that its owner parses.
@safe package final class FieldTable {
    /// The most field lines a table holds.
    package static let capacity = HTTP1Limits.defaultFields

    @usableFromInline let storage: UnsafeMutablePointer<HeaderField>
    /// How many lines the last head had.
    package internal(set) var count = 0
    /// Bits (`KnownField.bit`) of the names that occur, and of those that occur on more than one line.
    package internal(set) var seen: UInt64 = 0
    package internal(set) var repeated: UInt64 = 0

    package init() {
        unsafe storage = .allocate(capacity: FieldTable.capacity)
    }

    deinit {
        unsafe storage.deallocate()
    }

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

    func clear() {
        count = 0
        seen = 0
        repeated = 0
    }

    /// Marks the line as one that must not be forwarded.
    func drop(_ index: Int) {
        guard index >= 0, index < count else { return }
        unsafe storage[index].hopByHop = true
    }
}
