extension ResponseHead {
    /// Parses the response head at the start of `bytes`, which may hold more than the head. It is resumed as
    /// `RequestHead.parse` is.
    /// - Parameters:
    ///   - method: the method of the request that is answered; a response to HEAD has no body.
    ///   - scanned: how far the head is known to hold no line end that was not looked at; 0 for a new head.
    package func parse(
        _ bytes: UnsafeRawBufferPointer, method: HTTPMethod, limits: HTTP1Limits, scanned: inout Int
    ) -> HeadResult {
        let limit = HeadWindow.limit(limits)
        let window = unsafe HeadWindow.clipped(bytes, limit: limit).span
        if scanned > 0, HeadWindow.hasNothingNew(window, limit: limit, scanned: &scanned) { return .incomplete }
        unsafe facts.pointee.headLength = 0
        do throws(Rejection) {
            if let length = try parseHead(window, method, limits) {
                scanned = 0
                return .complete(length)
            }
        } catch {
            return .invalid(error)
        }
        if window.count >= limit { return .invalid(.headTooLarge) }
        scanned = HeadWindow.resumePoint(window)
        return .incomplete
    }

    /// The head's length, or nil while it is not whole.
    @inline(__always)
    private func parseHead(
        _ bytes: Span<UInt8>, _ method: HTTPMethod, _ limits: HTTP1Limits
    ) throws(Rejection) -> Int? {
        guard let lineEnd = try LineScanner.lineEnd(bytes, from: 0) else { return nil }
        let line = try StatusLine.parse(bytes, start: 0, end: lineEnd)
        guard
            let length = try FieldSection.parse(bytes, from: lineEnd &+ 2, maximum: limits.fields, into: fields)
        else { return nil }
        try interpret(bytes, line, method, length: length)
        return length
    }

    /// What the fields mean, once all are there.
    @inline(__always)
    private func interpret(
        _ bytes: Span<UInt8>, _ line: StatusLine, _ method: HTTPMethod, length: Int
    ) throws(Rejection) {
        var found = ResponseFacts()
        found.headLength = length
        found.status = line.status
        found.reason = line.reason
        found.versionMinor = line.versionMinor
        found.body = try ResponseFraming.framing(
            bytes, fields, status: line.status, method: method, versionMinor: line.versionMinor)
        let options = ConnectionOptions.read(bytes, fields)
        found.keepAlive = options.persists(versionMinor: line.versionMinor) && found.body != .untilClose
        found.upgradeFieldIndex = line.status == 101 ? UpgradeOffer.fieldIndex(bytes, fields, options) : nil
        if line.status < 200 || line.status == 204, announcesContent(bytes) { found.keepAlive = false }
        // Responses that end with their head: some servers send the last chunk of a chunked coding all the same.
        if found.body == .none, fields.contains(.transferEncoding) { found.keepAlive = false }
        unsafe facts.pointee = found
    }

    /// RFC 9110 section 8.6 and RFC 9112 section 6.1: 1xx and 204 carry neither Content-Length nor Transfer-Encoding.
    /// One that does is forwarded without them, and if it announces content the connection is not trusted with another
    /// response.
    private func announcesContent(_ bytes: Span<UInt8>) -> Bool {
        guard let index = fields.firstIndex(of: .contentLength) else { return fields.contains(.transferEncoding) }
        fields.drop(index)
        return !Bytes.equal(bytes, fields[index].value.range, "0")
    }
}
