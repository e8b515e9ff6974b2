/// The options of Connection, RFC 9110 section 7.6.1.
struct ConnectionOptions {
    var close = false
    var keepAlive = false
    var upgrade = false

    /// Reads every line of the field in `table` and marks the fields that the options name as hop-by-hop.
    @inline(__always)
    static func read(_ bytes: Span<UInt8>, _ table: FieldTable) -> ConnectionOptions {
        table.contains(.connection) ? readLines(bytes, table) : ConnectionOptions()
    }

    private static func readLines(_ bytes: Span<UInt8>, _ table: FieldTable) -> ConnectionOptions {
        var options = ConnectionOptions()
        var named = 0
        for index in 0..<table.count where table[index].known == .connection {
            var list = FieldList(table[index].value.range)
            while let option = list.next(bytes) {
                if Bytes.equalIgnoringCase(bytes, option, "close") {
                    options.close = true
                } else if Bytes.equalIgnoringCase(bytes, option, "keep-alive") {
                    options.keepAlive = true
                } else if Bytes.equalIgnoringCase(bytes, option, "upgrade") {
                    options.upgrade = true
                } else if !option.isEmpty, named < maximumNames {
                    // What names are compared by, so that long ones that differ in their last byte are told apart at
                    // one look.
                    if named == 0 { table.hashNames(bytes) }
                    named &+= 1
                    drop(bytes, option, table)
                }
            }
        }
        return options
    }

    /// More names than a head has fields cannot all mean something; a bound keeps the work linear in the head.
    private static let maximumNames = FieldTable.capacity

    private static func drop(_ bytes: Span<UInt8>, _ name: Range<Int>, _ table: FieldTable) {
        // What says who the client is comes from a peer that is trusted, whose own clients may have written Connection.
        guard ClientField.named(bytes, name) == nil else { return }
        let hash = FieldTable.hash(bytes, name)
        for index in 0..<table.count where table.nameHash(index) == hash {
            let field = table[index]
            guard !field.hopByHop, !HopByHop.isProtected(field.known) else { continue }
            if Bytes.equalIgnoringCase(bytes, name, field.name.range) { table.drop(index) }
        }
    }

    /// Whether the connection stays open after this message, RFC 9112 section 9.3. A keep-alive of HTTP/1.0 is honoured
    /// on both sides, as origin servers do.
    func persists(versionMinor: UInt8) -> Bool {
        !close && (versionMinor >= 1 || keepAlive)
    }
}
