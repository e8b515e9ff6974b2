internal import HTTP

/// Header fields of a message of the control plane, in order. Names are kept in small letters.
package struct HTTPFields: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    package struct Field: Sendable, Hashable {
        package var name: String
        package var value: String
    }

    package private(set) var list: [Field] = []

    package init() {}

    package init(dictionaryLiteral elements: (String, String)...) {
        for (name, value) in elements { append(name, value) }
    }

    /// Every line of `table`, whose offsets count from the start of `bytes`.
    init(_ table: FieldTable, in bytes: UnsafeRawBufferPointer) {
        list.reserveCapacity(table.count)
        for index in 0..<table.count {
            let name = unsafe String(decoding: bytes[table[index].name.range], as: UTF8.self)
            unsafe append(name, String(decoding: bytes[table[index].value.range], as: UTF8.self))
        }
    }

    package mutating func append(_ name: String, _ value: String) {
        list.append(Field(name: name.lowercased(), value: value))
    }

    /// The value of the first field of that name; asked with small letters.
    package subscript(name: String) -> String? { list.first { $0.name == name }?.value }

    /// A field that would not be read as one line with that name and value: sent as it is, it could end the head.
    var firstUnsendable: Field? { list.first { !HTTPFields.isSendable($0) } }

    private static func isSendable(_ field: Field) -> Bool {
        guard !field.name.isEmpty, field.value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }) else {
            return false
        }
        return field.name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: ":") }
    }

    /// The field lines, each with its CRLF. What cannot be sent is left out.
    var lines: String {
        var text = ""
        for field in list where HTTPFields.isSendable(field) { text += "\(field.name): \(field.value)\r\n" }
        return text
    }
}
