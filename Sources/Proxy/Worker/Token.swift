/// What an epoll event is about, in its 64 bits: kind, generation, index.
struct Token {
    enum Kind: UInt64 {
        case connection = 0
        case listener = 1
        case wakeup = 2
    }

    static let generationMask: UInt32 = 0x00ff_ffff

    var rawValue: UInt64

    init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    init(_ kind: Kind, index: Int32, generation: UInt32 = 0) {
        rawValue =
            kind.rawValue << 56 | UInt64(generation & Token.generationMask) << 32 | UInt64(UInt32(bitPattern: index))
    }

    var kind: UInt64 { rawValue >> 56 }
    var generation: UInt32 { UInt32(truncatingIfNeeded: rawValue >> 32) & Token.generationMask }
    var index: Int32 { Int32(bitPattern: UInt32(truncatingIfNeeded: rawValue)) }
}
