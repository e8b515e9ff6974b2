/// What identifies a series in a shard, packed into one word that is never zero.
struct SeriesKey: Hashable {
    /// Numbers a route or a backend may have: 20 bits each.
    static let maximumNames = 1 << 20

    /// Overflow keys there can be.
    static let overflowKeys = Door.allCases.count * StatusClass.allCases.count * ResponseFlag.allCases.count

    let word: UInt64

    init(word: UInt64) { self.word = word }

    /// The key of a counted request.
    init(
        door: Door, route: Int32, backend: Int32, status: StatusClass, flag: ResponseFlag, code: StatusCode = .other
    ) {
        let labels = UInt64(status.rawValue) << 8 | UInt64(flag.rawValue)
        self.word = SeriesKey.base(door, route, backend) | labels | UInt64(code.number) << SeriesKey.codeShift
    }

    /// The key of a duration histogram, which does not tell classes, flags and codes apart.
    init(door: Door, route: Int32, backend: Int32) {
        self.word = SeriesKey.base(door, route, backend)
    }

    private static let codeShift: UInt64 = 57

    /// Bits: 63 set, 57...62 code, 55...56 door, 35...54 route, 15...34 backend, 8...10 class, 0...7 flag.
    private static func base(_ door: Door, _ route: Int32, _ backend: Int32) -> UInt64 {
        1 << 63 | UInt64(door.rawValue) << 55 | bounded(route) << 35 | bounded(backend) << 15
    }

    private static func bounded(_ id: Int32) -> UInt64 {
        id >= 0 && id < maximumNames ? UInt64(UInt32(bitPattern: id)) : UInt64(MetricNames.other)
    }

    var door: Door { Door(rawValue: UInt8(truncatingIfNeeded: word >> 55 & 0x3)) ?? .outbound }
    var route: Int { Int(word >> 35 & 0xF_FFFF) }
    var backend: Int { Int(word >> 15 & 0xF_FFFF) }
    var status: StatusClass { StatusClass(rawValue: UInt8(truncatingIfNeeded: word >> 8 & 0x7)) ?? .none }
    var flag: ResponseFlag { ResponseFlag(rawValue: UInt8(truncatingIfNeeded: word & 0xFF)) ?? .none }
    var code: StatusCode { StatusCode(number: UInt8(truncatingIfNeeded: word >> SeriesKey.codeShift & 0x3F)) }

    /// The series this one is counted under once the table is full: of no route, backend or code in particular.
    ///
    /// There are at most door x class x flag of them, fewer than the slots a full table keeps free.
    var overflow: SeriesKey {
        let other = UInt64(MetricNames.other)
        let named: UInt64 = 0xFF_FFFF_FFFF << 15 | 0x3F << SeriesKey.codeShift
        return SeriesKey(word: word & ~named | other << 35 | other << 15)
    }

    /// This series with `other` for a route or backend that is one of these.
    func folding(routes: Set<Int32>, backends: Set<Int32>) -> SeriesKey {
        var folded = word
        let other = UInt64(MetricNames.other)
        if routes.contains(Int32(truncatingIfNeeded: route)) { folded = folded & ~(0xF_FFFF << 35) | other << 35 }
        if backends.contains(Int32(truncatingIfNeeded: backend)) { folded = folded & ~(0xF_FFFF << 15) | other << 15 }
        return SeriesKey(word: folded)
    }

    /// Spreads neighbouring keys over a table.
    var hash: UInt64 {
        let mixed = (word ^ word >> 32) &* 0x9E37_79B9_7F4A_7C15
        return mixed ^ mixed >> 29
    }
}
