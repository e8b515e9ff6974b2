/// Upgrade, RFC 9110 section 7.8: offered when the field is there and Connection says `upgrade`.
package enum UpgradeOffer {
    /// Protocols that one field may name, and its bytes: an answer is held against the offer, each of its protocols
    /// against all of those. Nobody offers more than two.
    package static let mostProtocols = 8
    package static let mostBytes = 256

    /// The index of the Upgrade field if the offer, or the answer to one, may be passed on.
    ///
    /// One that exceeds the limits counts as none.
    /// An offer that has HTTP among its protocols, by whatever name and also within TLS (RFC 2817), counts as none: the
    /// tunnel that followed would carry requests past the routes. So does one of what is no protocol's name, which
    /// servers read as they like. One that is spread over several lines counts as none as well; nobody writes that.
    @inline(__always)
    static func fieldIndex(_ bytes: Span<UInt8>, _ table: FieldTable, _ options: ConnectionOptions) -> Int? {
        guard options.upgrade, let index = table.firstIndex(of: .upgrade) else { return nil }
        return isPassedOn(bytes, table, index) ? index : nil
    }

    private static func isPassedOn(_ bytes: Span<UInt8>, _ table: FieldTable, _ index: Int) -> Bool {
        let value = table[index].value.range
        guard table.repeated & KnownField.upgrade.bit == 0, value.count <= mostBytes else { return false }
        var list = FieldList(value)
        var count = 0
        while let element = list.next(bytes) {
            count &+= 1
            if count > mostProtocols || !isProtocol(bytes, element) || carriesRequests(bytes, element) { return false }
        }
        return true
    }

    /// `protocol-name ["/" protocol-version]`, both tokens.
    private static func isProtocol(_ bytes: Span<UInt8>, _ element: Range<Int>) -> Bool {
        let name = Token.end(bytes, from: element.lowerBound, limit: element.upperBound)
        guard name > element.lowerBound, name < element.upperBound else { return name > element.lowerBound }
        guard bytes[name] == UInt8(ascii: "/"), name + 1 < element.upperBound else { return false }
        return Token.end(bytes, from: name + 1, limit: element.upperBound) == element.upperBound
    }

    /// Whether what is spoken after the switch is HTTP: `HTTP/2.0`, `h2`, `h2c`, the drafts' `h2c-14`, or `TLS/1.0`,
    /// behind which HTTP follows.
    private static func carriesRequests(_ bytes: Span<UInt8>, _ element: Range<Int>) -> Bool {
        begins(bytes, element, "h2") || begins(bytes, element, "h3") || begins(bytes, element, "http")
            || begins(bytes, element, "tls")
    }

    private static func begins(_ bytes: Span<UInt8>, _ element: Range<Int>, _ name: StaticString) -> Bool {
        let end = element.lowerBound + name.utf8CodeUnitCount
        return end <= element.upperBound && Bytes.equalIgnoringCase(bytes, element.lowerBound..<end, name)
    }

    /// Whether a 101 that switches to the protocols of `bytes[chosen]` answers an offer: it names protocols, and each
    /// was offered. Either within the limits of this type.
    package static func isAnswered(
        _ bytes: UnsafeRawBufferPointer, chosen: Range<Int>, offer: UnsafeRawBufferPointer
    ) -> Bool {
        guard chosen.count <= mostBytes, offer.count <= mostBytes else { return false }
        var position = chosen.lowerBound
        var count = 0
        while let element = unsafe FieldValue.nextElement(bytes, chosen, from: &position) {
            count &+= 1
            guard count <= mostProtocols, !element.isEmpty, unsafe isOffered(bytes, element, offer) else {
                return false
            }
        }
        return count > 0
    }

    private static func isOffered(
        _ bytes: UnsafeRawBufferPointer, _ element: Range<Int>, _ offer: UnsafeRawBufferPointer
    ) -> Bool {
        var position = 0
        while let offered = unsafe FieldValue.nextElement(offer, 0..<offer.count, from: &position) {
            let name = unsafe UnsafeRawBufferPointer(rebasing: offer[offered])
            if unsafe FieldValue.equals(bytes, element, name) { return true }
        }
        return false
    }
}
