/// How many proxies of this mesh a request has passed, as the field `weir-hops` counts them.
///
/// Requests that go in circles end here, however many proxies the circle has. The count is believed from everybody:
/// whoever writes it can only end his own request. One that is no number, or stands on several lines, ends it too.
package struct HopCount: Sendable, Equatable {
    /// The proxy that is this one in the row forwards no more.
    package static let limit = 10

    /// Proxies before this one.
    package let passed: Int

    init(passed: Int) { self.passed = passed }

    /// Reads the head's field; 0 when there is none.
    package init(_ fields: FieldTable, in bytes: UnsafeRawBufferPointer) {
        guard let index = fields.firstIndex(of: .weirHops) else {
            passed = 0
            return
        }
        let value = fields[index].value.range
        // Two digits hold the limit.
        guard fields.repeated & KnownField.weirHops.bit == 0, (1...2).contains(value.count),
            value.upperBound <= bytes.count
        else {
            passed = HopCount.limit
            return
        }
        var count = 0
        for position in value {
            let digit = unsafe bytes[position] &- 0x30
            count = digit < 10 ? count &* 10 &+ Int(digit) : HopCount.limit
        }
        passed = min(count, HopCount.limit)
    }

    /// The request goes no further.
    package var isOver: Bool { passed &+ 1 >= HopCount.limit }

    /// What the next proxy is told.
    package func write(into writer: inout ByteWriter) {
        writer.append("weir-hops: ")
        writer.append(decimal: UInt64(passed &+ 1))
        writer.append("\r\n")
    }
}
