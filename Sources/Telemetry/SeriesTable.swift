internal import CLinux

/// Counters by key: one thread writes, any thread reads, nobody locks.
///
/// A table is one block of words: the slot count, then slots of a key and its values. A slot is filled before its
/// key is stored with release order, so a reader that sees a key sees its values. To grow, the writer copies into
/// a block twice as large and publishes that by one release store. The block left behind may still be read, so it
/// is kept until the table goes: blocks double, so all of them together are smaller than the last.
final class SeriesTable: @unchecked Sendable {
    private typealias Words = UnsafeMutablePointer<UInt64>

    /// Values per key.
    let width: Int

    private let maximumSlots: Int
    /// The address of the block readers see.
    private let published: Words
    /// The writer's view of the same block.
    private var block: Words
    private var slots: Int
    private var used = 0
    private var retired: [UnsafeMutablePointer<UInt64>] = []
    /// Keys that were counted under their overflow key, as of now: one word readers may load.
    private let overflowed: Words
    /// Whose series are; nil where nobody has a share.
    private let owners: SeriesOwners?
    /// By group of owners, how many series it has; empty until half of all that there may be are used.
    private var shares: [Int32] = []

    /// - Parameters:
    ///   - width: values per key.
    ///   - slots: slots to begin with; rounded up to a power of two.
    ///   - maximumSlots: slots never exceeded; rounded up to a power of two, of which a quarter holds all overflow
    ///     keys.
    ///   - owners: whose series are; nobody gets more than a twentieth of all from the second half of them.
    init(width: Int, slots: Int, maximumSlots: Int, owners: SeriesOwners? = nil) {
        self.owners = owners
        self.width = max(width, 1)
        self.slots = SeriesTable.powerOfTwo(min(slots, maximumSlots))
        let room = SeriesTable.powerOfTwo(4 * (SeriesKey.overflowKeys + 1))
        self.maximumSlots = max(SeriesTable.powerOfTwo(maximumSlots), room)
        self.block = SeriesTable.makeBlock(slots: self.slots, width: self.width)
        self.published = .allocate(capacity: 1)
        self.published.initialize(to: UInt64(UInt(bitPattern: block)))
        self.overflowed = .allocate(capacity: 1)
        self.overflowed.initialize(to: 0)
    }

    deinit {
        block.deallocate()
        for old in retired { old.deallocate() }
        published.deallocate()
        overflowed.deallocate()
    }

    private static func powerOfTwo(_ slots: Int) -> Int {
        var result = 8
        while result < slots { result *= 2 }
        return result
    }

    private static func makeBlock(slots: Int, width: Int) -> UnsafeMutablePointer<UInt64> {
        let words = 1 + slots * (width + 1)
        let block = UnsafeMutablePointer<UInt64>.allocate(capacity: words)
        block.initialize(repeating: 0, count: words)
        block[0] = UInt64(slots)
        return block
    }
}

// MARK: - The writer

extension SeriesTable {
    /// The values of `key`, or of its overflow key when the table is full. Only the writing thread may ask.
    func values(of key: SeriesKey) -> UnsafeMutablePointer<UInt64> {
        if let found = find(key) { return found }
        if isFull && slots < maximumSlots { grow() }
        if !isFull, takeShare(of: key) { return insert(key) }
        weir_counter_add(overflowed, 1)
        let overflow = key.overflow
        return find(overflow) ?? insert(overflow)
    }

    /// Three quarters: probes stay short, and the overflow keys always find a free slot.
    private var isFull: Bool { used >= slots / 4 * 3 }

    private static let shareDivisor = 20

    /// Whether a new series is within what its owner may have. While there are many left everybody may have any of
    /// them.
    private func takeShare(of key: SeriesKey) -> Bool {
        let maximum = maximumSlots / 4 * 3
        guard let owners, used >= maximum / 2 else { return true }
        if shares.isEmpty { countShares(owners) }
        let group = owners.group(of: key)
        guard group > 0 else { return true }
        guard Int(shares[group]) < max(maximum / Self.shareDivisor, 1) else { return false }
        shares[group] += 1
        return true
    }

    private func countShares(_ owners: SeriesOwners) {
        shares = Array(repeating: 0, count: SeriesOwners.groups)
        for index in 0..<slots {
            let word = slot(index).pointee
            if word != 0 { shares[owners.group(of: SeriesKey(word: word))] += 1 }
        }
    }

    private func slot(_ index: Int) -> UnsafeMutablePointer<UInt64> {
        block + 1 + index * (width + 1)
    }

    private func find(_ key: SeriesKey) -> UnsafeMutablePointer<UInt64>? {
        let place = probe(key)
        return place.pointee == key.word ? place + 1 : nil
    }

    /// The slot that holds `key`, or the free one where it belongs.
    private func probe(_ key: SeriesKey) -> UnsafeMutablePointer<UInt64> {
        let mask = slots - 1
        var index = Int(truncatingIfNeeded: key.hash) & mask
        while true {
            let place = slot(index)
            if place.pointee == key.word || place.pointee == 0 { return place }
            index = (index + 1) & mask
        }
    }

    private func insert(_ key: SeriesKey) -> UnsafeMutablePointer<UInt64> {
        let place = probe(key)
        used += 1
        weir_store_release(place, key.word)
        return place + 1
    }

    private func grow() {
        let old = block
        let oldSlots = slots
        slots *= 2
        block = SeriesTable.makeBlock(slots: slots, width: width)
        for index in 0..<oldSlots {
            let from = old + 1 + index * (width + 1)
            guard from.pointee != 0 else { continue }
            probe(SeriesKey(word: from.pointee)).update(from: from, count: width + 1)
        }
        weir_store_release(published, UInt64(UInt(bitPattern: block)))
        retired.append(old)
    }
}

// MARK: - Readers

extension SeriesTable {
    /// How many times a key found the table full.
    var overflows: UInt64 { weir_counter_load(overflowed) }

    /// Adds every series to `sums`. Any thread may call this while the writer goes on.
    func add(to sums: inout SeriesSums) {
        guard let block = UnsafeMutablePointer<UInt64>(bitPattern: UInt(weir_load_acquire(published))) else { return }
        let slots = Int(block[0])
        for index in 0..<slots {
            let place = block + 1 + index * (width + 1)
            let word = weir_load_acquire(place)
            guard word != 0 else { continue }
            sums.add(place + 1, to: SeriesKey(word: word))
        }
    }
}

/// The series of several tables, added up by one reader.
struct SeriesSums {
    let width: Int
    private var positions: [SeriesKey: Int] = [:]
    private var values: [UInt64] = []

    init(width: Int) { self.width = width }

    fileprivate mutating func add(_ words: UnsafePointer<UInt64>, to key: SeriesKey) {
        let start = position(of: key)
        for offset in 0..<width { values[start + offset] &+= weir_counter_load(words + offset) }
    }

    mutating func add(_ added: [UInt64], to key: SeriesKey) {
        let start = position(of: key)
        for (offset, value) in added.prefix(width).enumerated() { values[start + offset] &+= value }
    }

    private mutating func position(of key: SeriesKey) -> Int {
        if let position = positions[key] { return position }
        let position = values.count
        positions[key] = position
        values.append(contentsOf: repeatElement(0, count: width))
        return position
    }

    /// Every key that something was counted under with its values, in a stable order.
    func sorted() -> [(key: SeriesKey, values: ArraySlice<UInt64>)] {
        positions.sorted { $0.key.word < $1.key.word }.map { ($0.key, values[$0.value..<$0.value + width]) }
            .filter { $0.1.contains { $0 != 0 } }
    }
}
