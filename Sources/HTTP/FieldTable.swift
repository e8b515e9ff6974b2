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
    /// By line, once `hashNames` has been called for a head.
    private let nameHashes: UnsafeMutablePointer<UInt32>

    package init() {
        unsafe storage = .allocate(capacity: FieldTable.capacity)
        unsafe summary = .allocate(capacity: 1)
        unsafe summary.initialize(to: Summary())
        unsafe nameHashes = .allocate(capacity: FieldTable.capacity)
        unsafe nameHashes.initialize(repeating: 0, count: FieldTable.capacity)
    }

    deinit {
        unsafe storage.deallocate()
        unsafe summary.deallocate()
        unsafe nameHashes.deallocate()
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

    // MARK: Finding many names

    /// Unknown to those who choose the names.
    private static let seed = UInt32.random(in: .min ... .max)

    /// A number that names which differ in more than their case hardly ever have in common.
    static func hash(_ bytes: Span<UInt8>, _ name: Range<Int>) -> UInt32 {
        var hash = seed
        for index in name { hash = (hash ^ UInt32(Bytes.lowercased(bytes[index]))) &* 0x0100_0193 }
        return hash
    }

    /// Computes the numbers of all lines' names.
    func hashNames(_ bytes: Span<UInt8>) {
        for index in 0..<count { unsafe nameHashes[index] = FieldTable.hash(bytes, storage[index].name.range) }
    }

    /// The number of a line's name, after `hashNames`.
    func nameHash(_ index: Int) -> UInt32 {
        index >= 0 && index < count ? unsafe nameHashes[index] : 0
    }
}
