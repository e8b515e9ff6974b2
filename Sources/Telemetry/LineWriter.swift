/// Writes a line into a fixed piece of memory and remembers when it did not fit.
///
/// Everything it writes is printable ASCII: what comes from the network cannot begin a new line, end a field, or
/// reach a terminal as a control sequence.
struct LineWriter {
    private let memory: UnsafeMutableRawBufferPointer
    /// Bytes written.
    private(set) var count: Int
    /// Whether something was left out for lack of room.
    private(set) var overflowed = false

    /// - Parameter start: bytes of `memory` that are already in use.
    init(memory: UnsafeMutableRawBufferPointer, start: Int = 0) {
        self.memory = memory
        self.count = min(max(start, 0), memory.count)
    }

    mutating func write(byte: UInt8) {
        guard count < memory.count else {
            overflowed = true
            return
        }
        memory[count] = byte
        count += 1
    }

    mutating func write(_ text: StaticString) {
        text.withUTF8Buffer { bytes in write(plain: UnsafeRawBufferPointer(bytes)) }
    }

    /// Copies bytes known to be harmless.
    mutating func write(plain bytes: UnsafeRawBufferPointer) {
        guard bytes.count <= memory.count - count else {
            overflowed = true
            return
        }
        guard let source = bytes.baseAddress, let target = memory.baseAddress else { return }
        (target + count).copyMemory(from: source, byteCount: bytes.count)
        count += bytes.count
    }

    mutating func write(number: UInt64) {
        var divisor: UInt64 = 1
        while number / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            write(byte: UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / divisor % 10))
            divisor /= 10
        }
    }

    /// Writes `number` with leading zeros.
    mutating func write(number: Int, digits: Int) {
        var divisor = 1
        for _ in 1..<max(digits, 2) { divisor *= 10 }
        while divisor > 0 {
            write(byte: UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / divisor % 10))
            divisor /= 10
        }
    }

    /// Writes nanoseconds as milliseconds with three decimals.
    mutating func write(milliseconds nanoseconds: UInt64) {
        write(number: nanoseconds / 1_000_000)
        write(byte: UInt8(ascii: "."))
        write(number: Int(nanoseconds / 1000 % 1000), digits: 3)
    }

    /// Writes a moment as ISO 8601 in UTC, `2026-01-31T23:59:59.123Z`.
    mutating func write(timestamp milliseconds: UInt64) {
        let time = Timestamp(milliseconds: milliseconds)
        write(number: time.year, digits: 4)
        write("-")
        write(number: time.month, digits: 2)
        write("-")
        write(number: time.day, digits: 2)
        write("T")
        write(number: time.hour, digits: 2)
        write(":")
        write(number: time.minute, digits: 2)
        write(":")
        write(number: time.second, digits: 2)
        write(".")
        write(number: time.millisecond, digits: 3)
        write("Z")
    }
}
