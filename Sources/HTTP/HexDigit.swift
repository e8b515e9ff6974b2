/// Hexadecimal digits.
enum HexDigit {
    /// The value of an ASCII digit, or 255.
    @inline(__always)
    static func value(_ byte: UInt8) -> UInt8 {
        let decimal = byte &- 0x30
        if decimal < 10 { return decimal }
        let letter = (byte | 0x20) &- 0x61
        return letter < 6 ? letter &+ 10 : 255
    }
}
