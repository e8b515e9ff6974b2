/// How much one JSON text may ask of its reader. What is above is refused as a whole.
package struct JSONLimits: Sendable {
    /// Bytes of one text. A page of a list is the largest that an API server sends.
    package var bytes = 64 << 20
    /// Objects and arrays inside each other.
    package var depth = 128
    /// Values in one text; in a list, of each item.
    package var nodes = 2_000_000

    package init() {}
}

/// Why a text is not read.
package struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    package var message: String
    /// Bytes from the start of the text.
    package var offset: Int

    package init(_ message: String, at offset: Int) {
        self.message = message
        self.offset = offset
    }

    package var description: String { "\(message), at byte \(offset)" }
}
