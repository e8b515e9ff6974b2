package import HTTP

/// Pure entries for fuzzing the HTTP/1.1 codec. Each takes any bytes and returns the invariants that they broke:
/// nothing, if all is well.
package enum HTTPFuzz {
    package enum Outcome: Equatable {
        case ended(consumed: Int)
        case open
        case invalid(Rejection)
    }

    package struct Decoded: Equatable {
        package var outcome = Outcome.open
        package var payload: [UInt8] = []
        package var trailers: [UInt8] = []
    }

    package static func requestHead(_ bytes: [UInt8]) -> [String] {
        let head = RequestHead()
        let whole = feed(bytes, step: bytes.count) { head.parse($0, limits: HTTP1Limits(), scanned: &$1) }
        var broken: [String] = []
        if case .complete(let length) = whole {
            broken += check(head.fields, length: length, total: bytes.count)
            for range in [head.target, head.path, head.query, head.authority, head.host] where range.end > length {
                broken.append("a range ends after the head")
            }
        }
        for step in [1, 7, 16] {
            let pieces = feed(bytes, step: step) { head.parse($0, limits: HTTP1Limits(), scanned: &$1) }
            if pieces != whole { broken.append("in steps of \(step): \(pieces), whole: \(whole)") }
        }
        return broken
    }

    package static func responseHead(_ bytes: [UInt8]) -> [String] {
        let head = ResponseHead()
        let whole = feed(bytes, step: bytes.count) { head.parse($0, method: .get, limits: HTTP1Limits(), scanned: &$1) }
        var broken: [String] = []
        if case .complete(let length) = whole { broken += check(head.fields, length: length, total: bytes.count) }
        for step in [1, 13] {
            let pieces = feed(bytes, step: step) { head.parse($0, method: .get, limits: HTTP1Limits(), scanned: &$1) }
            if pieces != whole { broken.append("in steps of \(step): \(pieces), whole: \(whole)") }
        }
        return broken
    }

    package static func chunks(_ bytes: [UInt8]) -> [String] {
        let whole = decode(bytes, framing: .chunked, splits: [])
        let single = decode(bytes, framing: .chunked, splits: Array(0...bytes.count))
        let some = decode(bytes, framing: .chunked, splits: Array(stride(from: 0, to: bytes.count, by: 5)))
        var broken =
            whole == single && whole == some
            ? [] : ["splits differ: \(whole.outcome), \(single.outcome), \(some.outcome)"]
        if case .ended(let consumed) = whole.outcome, consumed > bytes.count {
            broken.append("more consumed than given")
        }
        return broken
    }

    /// Runs the caller's loop of `BodyDecoder` with the bytes arriving up to each of `splits`, then to the end.
    package static func decode(_ bytes: [UInt8], framing: BodyFraming, splits: [Int]) -> Decoded {
        var decoder = BodyDecoder(framing)
        var decoded = Decoded()
        var position = 0
        for end in splits + [bytes.count] where end >= position {
            advance: while true {
                let step = bytes[position..<end].withUnsafeBytes { decoder.consume($0) }
                switch step {
                case .data(let range):
                    decoded.payload += bytes[(position + range.lowerBound)..<(position + range.upperBound)]
                    position += range.upperBound
                case .skip(let count): position += count
                case .needMore: break advance
                case .end(let consumed, let trailers):
                    decoded.trailers += bytes[(position + trailers.lowerBound)..<(position + trailers.upperBound)]
                    decoded.outcome = .ended(consumed: position + consumed)
                    return decoded
                case .invalid(let why):
                    decoded.outcome = .invalid(why)
                    return decoded
                }
            }
        }
        return decoded
    }

    private static func feed(
        _ bytes: [UInt8], step: Int, _ parse: (UnsafeRawBufferPointer, inout Int) -> HeadResult
    ) -> HeadResult {
        var scanned = 0
        var count = 0
        return bytes.withUnsafeBytes { all in
            while true {
                count = min(all.count, count + max(1, step))
                let result = parse(UnsafeRawBufferPointer(rebasing: all.prefix(count)), &scanned)
                if result != .incomplete || count == all.count { return result }
            }
        }
    }

    private static func check(_ fields: FieldTable, length: Int, total: Int) -> [String] {
        var broken: [String] = length <= total ? [] : ["the head is longer than its bytes"]
        var position: Int?
        for index in 0..<fields.count {
            let field = fields[index]
            if let position, field.lineStart != position { broken.append("lines do not join") }
            if field.name.end >= field.lineEnd || field.value.end + 2 > field.lineEnd || field.lineEnd > length {
                broken.append("field \(index) is out of bounds")
            }
            position = field.lineEnd
        }
        return broken
    }
}
