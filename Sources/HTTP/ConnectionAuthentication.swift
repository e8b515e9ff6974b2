/// NTLM and Negotiate, RFC 4559: they authenticate a connection instead of a request, so that whoever sends on the
/// connection later counts as the same user. A connection on which either was spoken is its client's alone.
package enum ConnectionAuthentication {
    /// Whether the head has credentials of such a scheme, or asks for them.
    package static func isBound(_ fields: FieldTable, in bytes: UnsafeRawBufferPointer) -> Bool {
        let asked = KnownField.wwwAuthenticate.bit | KnownField.proxyAuthenticate.bit
        let given = KnownField.authorization.bit | KnownField.proxyAuthorization.bit
        guard fields.seen & (asked | given) != 0 else { return false }
        for index in 0..<fields.count where fields[index].known.bit & (asked | given) != 0 {
            let value = fields[index].value.range
            guard value.upperBound <= bytes.count else { continue }
            let isAsked = fields[index].known.bit & asked != 0
            if unsafe namesScheme(bytes.assumingMemoryBound(to: UInt8.self).span, value, isList: isAsked) {
                return true
            }
        }
        return false
    }

    /// - Parameter isList: a field that asks may list several challenges; a scheme stands where an element begins.
    private static func namesScheme(_ bytes: Span<UInt8>, _ value: Range<Int>, isList: Bool) -> Bool {
        guard isList else { return isScheme(bytes, value) }
        var list = FieldList(value)
        while let element = list.next(bytes) {
            if isScheme(bytes, element) { return true }
        }
        return false
    }

    private static func isScheme(_ bytes: Span<UInt8>, _ element: Range<Int>) -> Bool {
        var end = element.lowerBound
        while end < element.upperBound, !Bytes.isBlank(bytes[end]) { end &+= 1 }
        let scheme = element.lowerBound..<end
        return Bytes.equalIgnoringCase(bytes, scheme, "ntlm") || Bytes.equalIgnoringCase(bytes, scheme, "negotiate")
            || Bytes.equalIgnoringCase(bytes, scheme, "kerberos")
    }
}
