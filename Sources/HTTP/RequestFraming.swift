/// How a request's body is delimited, RFC 9112 sections 6.1 to 6.3.
///
/// Deviation: Content-Length together with Transfer-Encoding is refused instead of resolved, being what smuggling is
/// made of.
enum RequestFraming {
    @inline(__always)
    static func framing(
        _ bytes: Span<UInt8>, _ table: FieldTable, versionMinor: UInt8
    ) throws(Rejection) -> BodyFraming {
        guard table.seen & (KnownField.contentLength.bit | KnownField.transferEncoding.bit) != 0 else { return .none }
        return try declared(bytes, table, versionMinor: versionMinor) ?? .none
    }

    /// What the framing fields declare, or nil if there are none.
    static func declared(
        _ bytes: Span<UInt8>, _ table: FieldTable, versionMinor: UInt8
    ) throws(Rejection) -> BodyFraming? {
        let length = table.firstIndex(of: .contentLength)
        if table.contains(.transferEncoding) {
            guard length == nil else { throw .lengthAndTransferEncoding }
            guard versionMinor > 0 else { throw .transferEncodingInOldVersion }
            try TransferEncoding.check(bytes, table)
            return .chunked
        }
        guard let length else { return nil }
        guard table.repeated & KnownField.contentLength.bit == 0 else { throw .contentLengthRepeated }
        return .length(try ContentLength.parse(bytes, table[length].value.range))
    }
}
