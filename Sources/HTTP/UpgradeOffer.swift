/// Upgrade, RFC 9110 section 7.8: offered when the field is there and Connection says `upgrade`.
enum UpgradeOffer {
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
}
