import HTTP

/// Parsing text in one piece and in many.
enum Feeding {
    static func request(_ text: String, limits: HTTP1Limits = HTTP1Limits()) -> (HeadResult, RequestHead) {
        let head = RequestHead()
        var scanned = 0
        let result = Array(text.utf8).withUnsafeBytes { head.parse($0, limits: limits, scanned: &scanned) }
        return (result, head)
    }

    static func response(_ text: String, to method: HTTPMethod = .get) -> (HeadResult, ResponseHead) {
        let head = ResponseHead()
        var scanned = 0
        let result = Array(text.utf8).withUnsafeBytes {
            head.parse($0, method: method, limits: HTTP1Limits(), scanned: &scanned)
        }
        return (result, head)
    }

    /// The result after the first `split` bytes came first, then the rest.
    static func request(_ bytes: [UInt8], split: Int, limits: HTTP1Limits = HTTP1Limits()) -> HeadResult {
        let head = RequestHead()
        var scanned = 0
        return bytes.withUnsafeBytes { all in
            let first = head.parse(UnsafeRawBufferPointer(rebasing: all[..<split]), limits: limits, scanned: &scanned)
            guard first == .incomplete else { return first }
            return head.parse(all, limits: limits, scanned: &scanned)
        }
    }

    /// The result when byte after byte comes.
    static func requestBytewise(_ bytes: [UInt8], limits: HTTP1Limits = HTTP1Limits()) -> HeadResult {
        let head = RequestHead()
        var scanned = 0
        return bytes.withUnsafeBytes { all in
            for count in 1...max(1, all.count) {
                let result = head.parse(
                    UnsafeRawBufferPointer(rebasing: all.prefix(count)), limits: limits, scanned: &scanned)
                if result != .incomplete { return result }
            }
            return .incomplete
        }
    }

    static func text(_ bytes: String, _ range: ByteRange) -> String {
        String(decoding: Array(bytes.utf8)[range.range], as: UTF8.self)
    }
}
