/// Upgrade, RFC 9110 section 7.8: offered when the field is there and Connection says `upgrade`.
package enum UpgradeOffer {
    /// The index of the Upgrade field if the offer may be passed on.
    ///
    /// An offer that has `h2c` among its protocols counts as none: the tunnel that followed would carry requests past the routes.
    /// One that is spread over several lines counts as none as well; nobody writes that.
    @inline(__always)
    static func fieldIndex(_ bytes: Span<UInt8>, _ table: FieldTable, _ options: ConnectionOptions) -> Int? {
        guard options.upgrade, let index = table.firstIndex(of: .upgrade) else { return nil }
        return isPassedOn(bytes, table, index) ? index : nil
    }

    private static func isPassedOn(_ bytes: Span<UInt8>, _ table: FieldTable, _ index: Int) -> Bool {
        guard table.repeated & KnownField.upgrade.bit == 0 else { return false }
        var list = FieldList(table[index].value.range)
        while let element = list.next(bytes) {
            if element.isEmpty || Bytes.equalIgnoringCase(bytes, element, "h2c")
                || Bytes.equalIgnoringCase(bytes, element, "h2")
            {
                return false
            }
        }
        return true
    }

    /// Whether a 101 that switches to the protocols of `bytes[chosen]` answers an offer: it names protocols, and each was offered.
    package static func isAnswered(
        _ bytes: UnsafeRawBufferPointer, chosen: Range<Int>, offer: UnsafeRawBufferPointer
    ) -> Bool {
        var position = chosen.lowerBound
        var isNamed = false
        while let element = unsafe FieldValue.nextElement(bytes, chosen, from: &position) {
            guard !element.isEmpty, unsafe isOffered(bytes, element, offer) else { return false }
            isNamed = true
        }
        return isNamed
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
