/// The field lines of a head up to the empty line, RFC 9112 section 5.
enum FieldSection {
    /// Fills `table` from the lines that begin at `start`.
    /// - Returns: the offset after the empty line, or nil while it has not come.
    @inline(__always)
    static func parse(
        _ bytes: Span<UInt8>, from start: Int, maximum: Int, into table: FieldTable
    ) throws(Rejection) -> Int? {
        // A head that is not whole leaves no lines behind.
        unsafe table.summary.pointee = FieldTable.Summary()
        let maximum = min(maximum, FieldTable.capacity)
        var position = start
        var summary = FieldTable.Summary()
        while let end = try LineScanner.lineEnd(bytes, from: position) {
            if end == position {
                let other = KnownField.other.bit
                summary.seen &= ~other
                summary.repeated &= ~other
                unsafe table.summary.pointee = summary
                return end &+ 2
            }
            guard summary.count < maximum else { throw .tooManyFields }
            let field = try FieldLine.parse(bytes, start: position, end: end)
            unsafe table.storage[summary.count] = field
            summary.count &+= 1
            summary.repeated |= summary.seen & field.known.bit
            summary.seen |= field.known.bit
            position = end &+ 2
        }
        return nil
    }
}
