extension RouteTable {
    /// Whether method, headers and query parameters of a match hold; the cheap tests come first. False as well when
    /// finding it out would be too much work.
    @inline(__always)
    func conditionsHold(_ match: MatchRecord, _ request: RequestView, _ work: inout MatchWork) -> Bool {
        if match.method.length > 0, !Bytes.equal(bytes(match.method), request.method) { return false }
        if match.headerCount + match.queryCount == 0 { return true }
        for condition in conditions.slice(match.conditionStart, match.headerCount)
        where !headerHolds(condition, request, &work) { return false }
        for condition in conditions.slice(match.conditionStart + match.headerCount, match.queryCount)
        where !queryHolds(condition, request, &work) { return false }
        return true
    }

    /// Names compare case-insensitively. Several fields of one name count as their values joined by `,` (RFC 9110,
    /// 5.2); only then is anything copied.
    private func headerHolds(
        _ condition: ConditionRecord, _ request: RequestView, _ work: inout MatchWork
    ) -> Bool {
        guard work.spend(request.fields.count / 4 + 1, on: .field) else { return false }
        let name = bytes(condition.name)
        var first: UnsafeRawBufferPointer?
        var joinedLength = 0
        var count = 0
        for field in request.fields {
            guard Int(field.nameLength) == name.count, Bytes.equalIgnoringCase(request.name(field), lower: name) else {
                continue
            }
            let value = request.value(field)
            if first == nil { first = value }
            joinedLength += value.count + 1
            count += 1
        }
        guard let first else { return false }
        if count == 1 { return valueHolds(condition, first, &work) }
        guard work.spend(joinedLength / 4, on: .field) else { return false }
        return withUnsafeTemporaryAllocation(byteCount: joinedLength, alignment: 1) { buffer in
            var joined = ByteWriter(buffer)
            var isFirst = true
            for field in request.fields where Bytes.equalIgnoringCase(request.name(field), lower: name) {
                if !isFirst { joined.append(byte: UInt8(ascii: ",")) }
                isFirst = false
                joined.append(request.value(field))
            }
            guard joined.result >= 0 else { return false }
            return valueHolds(condition, Bytes.slice(UnsafeRawBufferPointer(buffer), 0, joined.result), &work)
        }
    }

    @inline(__always)
    private func valueHolds(
        _ condition: ConditionRecord, _ value: UnsafeRawBufferPointer, _ work: inout MatchWork
    ) -> Bool {
        guard condition.expression >= 0 else { return Bytes.equal(bytes(condition.value), value) }
        let expression = expressions[condition.expression]
        return work.admits(expression, value.count, of: .field) && expression.matches(value)
    }

    /// The first parameter of the name counts. Names and values compare decoded as HTML forms write them: `%HH` is its
    /// byte and `+` a space; a malformed `%` stands for itself.
    private func queryHolds(
        _ condition: ConditionRecord, _ request: RequestView, _ work: inout MatchWork
    ) -> Bool {
        let query = request.query
        guard work.spend(query.count / 4 + 1, on: .target) else { return false }
        let name = bytes(condition.name)
        var start = 0
        while start < query.count {
            var end = start
            var equals = -1
            while end < query.count, query[end] != UInt8(ascii: "&") {
                if equals < 0, query[end] == UInt8(ascii: "=") { equals = end }
                end += 1
            }
            let nameEnd = equals < 0 ? end : equals
            if FormDecoding.equal(Bytes.slice(query, start, nameEnd), name) {
                let value = Bytes.slice(query, equals < 0 ? end : equals + 1, end)
                if condition.expression < 0 { return FormDecoding.equal(value, bytes(condition.value)) }
                let expression = expressions[condition.expression]
                guard work.admits(expression, value.count, of: .target) else { return false }
                return FormDecoding.withDecoded(value) { expression.matches($0) }
            }
            start = end + 1
        }
        return false
    }
}

extension RequestView {
    /// Empty when the field does not lie within the head.
    @inline(__always)
    func name(_ field: Field) -> UnsafeRawBufferPointer {
        part(field.nameStart, field.nameLength)
    }

    @inline(__always)
    func value(_ field: Field) -> UnsafeRawBufferPointer {
        part(field.valueStart, field.valueLength)
    }

    @inline(__always)
    private func part(_ start: UInt16, _ length: UInt16) -> UnsafeRawBufferPointer {
        let end = Int(start) + Int(length)
        return end <= fieldBytes.count
            ? Bytes.slice(fieldBytes, Int(start), end) : UnsafeRawBufferPointer(start: nil, count: 0)
    }
}

/// `application/x-www-form-urlencoded`, one way.
enum FormDecoding {
    /// Whether `encoded` decodes to `plain`.
    static func equal(_ encoded: UnsafeRawBufferPointer, _ plain: UnsafeRawBufferPointer) -> Bool {
        guard encoded.count >= plain.count else { return false }
        var position = 0
        for expected in plain {
            guard position < encoded.count, next(encoded, &position) == expected else { return false }
        }
        return position == encoded.count
    }

    static func withDecoded(_ encoded: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Bool) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: max(encoded.count, 1), alignment: 1) { buffer in
            var length = 0
            var position = 0
            while position < encoded.count {
                buffer[length] = next(encoded, &position)
                length += 1
            }
            return body(Bytes.slice(UnsafeRawBufferPointer(buffer), 0, length))
        }
    }

    @inline(__always)
    private static func next(_ encoded: UnsafeRawBufferPointer, _ position: inout Int) -> UInt8 {
        let byte = encoded[position]
        position += 1
        if byte == UInt8(ascii: "+") { return UInt8(ascii: " ") }
        guard byte == UInt8(ascii: "%"), encoded.count - position >= 2,
            let high = Bytes.hexadecimal(encoded[position]), let low = Bytes.hexadecimal(encoded[position + 1])
        else { return byte }
        position += 2
        return high << 4 | low
    }
}
