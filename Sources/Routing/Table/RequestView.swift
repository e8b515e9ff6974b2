/// What matching and filtering read of a request: borrowed bytes of the head, valid for the duration of one call.
package struct RequestView {
    /// One field line: offsets from `fieldBytes`.
    @frozen
    package struct Field {
        package var nameStart: UInt16
        package var nameLength: UInt16
        package var valueStart: UInt16
        package var valueLength: UInt16

        @inlinable
        package init(nameStart: UInt16, nameLength: UInt16, valueStart: UInt16, valueLength: UInt16) {
            self.nameStart = nameStart
            self.nameLength = nameLength
            self.valueStart = valueStart
            self.valueLength = valueLength
        }
    }

    package var method: UnsafeRawBufferPointer
    /// Normalised path (see `PathNormalization`), without the query.
    package var path: UnsafeRawBufferPointer
    /// Without the `?`; empty when there is none.
    package var query: UnsafeRawBufferPointer
    package var hasQuery: Bool
    /// Host as the client wrote it, without the port.
    package var host: UnsafeRawBufferPointer
    package var fieldBytes: UnsafeRawBufferPointer
    package var fields: UnsafeBufferPointer<Field>

    package init(
        method: UnsafeRawBufferPointer, path: UnsafeRawBufferPointer, query: UnsafeRawBufferPointer, hasQuery: Bool,
        host: UnsafeRawBufferPointer, fieldBytes: UnsafeRawBufferPointer, fields: UnsafeBufferPointer<Field>
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.hasQuery = hasQuery
        self.host = host
        self.fieldBytes = fieldBytes
        self.fields = fields
    }
}
