/// The members of X-Forwarded-For, -Proto and -Host that mean something. Peers that are trusted still pass on what
/// strangers wrote.
package enum ForwardedMember {
    /// An address, as `X-Forwarded-For` lists them; load balancers add ports, and brackets to IPv6.
    package static func isAddress(_ bytes: UnsafeRawBufferPointer, _ member: Range<Int>) -> Bool {
        guard member.lowerBound >= 0, member.upperBound <= bytes.count, !member.isEmpty else { return false }
        let span = unsafe bytes.assumingMemoryBound(to: UInt8.self).span
        if IPv6Literal.isValid(span, member) { return true }
        guard span[member.upperBound &- 1] != Bytes.colon else { return false }
        guard let authority = try? Authority.parse(span, member) else { return false }
        return span[member.lowerBound] == 0x5b || IPv6Literal.isIPv4(span, authority.host.range)
    }

    /// `http` or `https`.
    package static func isScheme(_ bytes: UnsafeRawBufferPointer, _ member: Range<Int>) -> Bool {
        unsafe FieldValue.equals(bytes, member, "https") || FieldValue.equals(bytes, member, "http")
    }

    /// What a Host field may say.
    package static func isHost(_ bytes: UnsafeRawBufferPointer, _ member: Range<Int>) -> Bool {
        guard member.lowerBound >= 0, member.upperBound <= bytes.count else { return false }
        return unsafe (try? Authority.parse(bytes.assumingMemoryBound(to: UInt8.self).span, member)) != nil
    }
}
