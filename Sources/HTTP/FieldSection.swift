/// The field lines of a head up to the empty line, RFC 9112 section 5.
enum FieldSection {
    /// Fills `table` from the lines that begin at `start`.
    /// - Returns: the offset after the empty line, or nil while it has not come.
    @inline(__always)
    static func parse(
        _ bytes: Span<UInt8>, from start: Int, maximum: Int, into table: FieldTable
    ) throws(Rejection) -> Int? {
        table.clear()
        let maximum = min(maximum, FieldTable.capacity)
        var position = start
        var count = 0
        var seen: UInt64 = 0
        var repeated: UInt64 = 0
        while let end = try LineScanner.lineEnd(bytes, from: position) {
            if end == position {
                table.count = count
                table.seen = seen & ~KnownField.other.bit
                table.repeated = repeated & ~KnownField.other.bit
                return end &+ 2
            }
            guard count < maximum else { throw .tooManyFields }
            let field = try FieldLine.parse(bytes, start: position, end: end)
            unsafe table.storage[count] = field
            count &+= 1
            repeated |= seen & field.known.bit
            seen |= field.known.bit
            position = end &+ 2
        }
        return nil
    }
}
