/// The rolling hash of hosts and paths (FNV-1a, 64 bits), begun from a seed that differs per table so that nobody can
/// prepare colliding routes.
enum ByteHash {
    private static let prime: UInt64 = 0x100_0000_01b3

    @inline(__always)
    static func step(_ hash: UInt64, _ byte: UInt8) -> UInt64 {
        (hash ^ UInt64(byte)) &* prime
    }

    /// Mixes in what else the key consists of; the low bits of the result are fit for a mask.
    @inline(__always)
    static func finish(_ hash: UInt64, _ scope: UInt64) -> UInt64 {
        var mixed = hash ^ (scope &* 0x9e37_79b9_7f4a_7c15)
        mixed = (mixed ^ (mixed >> 32)) &* 0xd6e8_feb8_6659_fd93
        return mixed ^ (mixed >> 32)
    }
}

/// An open-addressing index from hashes to positions in another buffer; built once, never changed.
struct HashIndex {
    struct Slot: BitwiseCopyable {
        /// Those bits of the hash that do not say where it lies.
        var tag: UInt32
        /// -1 marks a free slot.
        var value: Int32
    }

    private let slots: FlatBuffer<Slot>
    private let mask: UInt64

    /// Keys are the caller's: `hash(i)` is that of position `i`. Of equal keys the first is found.
    /// - Parameter isDense: up to three quarters of the slots are taken, where the others take half of them.
    init(count: Int, isDense: Bool = false, hash: (Int) -> UInt64) {
        var capacity = 8
        while isDense ? capacity * 3 < count * 4 : capacity < count * 2 { capacity *= 2 }
        let mask = UInt64(capacity - 1)
        slots = FlatBuffer(count: capacity) { slots in
            slots.initialize(repeating: Slot(tag: 0, value: -1))
            for position in 0..<count {
                let hash = hash(position)
                var at = Int(hash & mask)
                while slots[at].value >= 0 { at = (at + 1) & (capacity - 1) }
                slots[at] = Slot(tag: HashIndex.tag(hash), value: Int32(position))
            }
        }
        self.mask = mask
    }

    init(_ hashes: [UInt64]) {
        self.init(count: hashes.count) { hashes[$0] }
    }

    func deallocate() {
        slots.deallocate()
    }

    @inline(__always)
    private static func tag(_ hash: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: hash >> 32) }

    /// The position whose hash is `hash` and that `isKey` confirms; -1 when there is none.
    @inline(__always)
    func find(_ hash: UInt64, _ isKey: (Int32) -> Bool) -> Int32 {
        var at = hash & mask
        let tag = HashIndex.tag(hash)
        while true {
            let slot = slots[Int32(truncatingIfNeeded: at)]
            if slot.value < 0 { return -1 }
            if slot.tag == tag && isKey(slot.value) { return slot.value }
            at = (at + 1) & mask
        }
    }
}
