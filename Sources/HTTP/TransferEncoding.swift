/// Transfer-Encoding, RFC 9112 section 6.1: only one `chunked`, in any case, is understood.
enum TransferEncoding {
    /// Checks every line of the field in `table`.
    static func check(_ bytes: Span<UInt8>, _ table: FieldTable) throws(Rejection) {
        var codings = 0
        var unknown = false
        var empty = false
        for index in 0..<table.count where table[index].known == .transferEncoding {
            var list = FieldList(table[index].value.range)
            while let element = list.next(bytes) {
                codings &+= 1
                if element.isEmpty {
                    empty = true
                } else if !Bytes.equalIgnoringCase(bytes, element, "chunked") {
                    unknown = true
                }
            }
        }
        if unknown { throw .unknownTransferCoding }
        guard codings == 1, !empty else { throw .badTransferEncoding }
    }
}
