/// FNV-1a, 64 bits: the same text gives the same number in every process and version. Not for anything an attacker
/// could gain from: a collision of names is caught when the object is found to be another Gateway's.
struct StableHash {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    init(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
    }

    /// 16 hexadecimal digits.
    var text: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// The first 8 of them.
    var shortText: String { String(text.prefix(8)) }
}
