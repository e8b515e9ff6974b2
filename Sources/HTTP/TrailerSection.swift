/// The trailer section of a chunked body, RFC 9112 section 7.1.2: field lines, then an empty line.
enum TrailerSection {
    /// The length of the section with its empty line, or nil while it is not whole. Every line is checked as those of a
    /// head are.
    static func length(_ bytes: Span<UInt8>) throws(Rejection) -> Int? {
        var position = 0
        var count = 0
        while let end = try LineScanner.lineEnd(bytes, from: position) {
            if end == position { return end &+ 2 }
            count &+= 1
            guard count <= FieldTable.capacity else { throw .trailerTooLarge }
            _ = try line(bytes, start: position, end: end)
            position = end &+ 2
        }
        return nil
    }

    private static func line(_ bytes: Span<UInt8>, start: Int, end: Int) throws(Rejection) -> HeaderField {
        do throws(Rejection) {
            return try FieldLine.parse(bytes, start: start, end: end)
        } catch {
            throw .badTrailer
        }
    }
}
