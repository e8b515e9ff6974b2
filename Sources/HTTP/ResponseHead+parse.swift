extension ResponseHead {
    /// Parses the response head at the start of `bytes`, which may hold more than the head. It is resumed as `RequestHead.parse` is.
    /// - Parameters:
    ///   - method: the method of the request that is answered; a response to HEAD has no body.
    ///   - scanned: how far the head is known to hold no line end that was not looked at; 0 for a new head.
    package func parse(
        _ bytes: UnsafeRawBufferPointer, method: HTTPMethod, limits: HTTP1Limits, scanned: inout Int
    ) -> HeadResult {
        let limit = HeadWindow.limit(limits)
        let window = unsafe HeadWindow.clipped(bytes, limit: limit).span
        if scanned > 0, HeadWindow.hasNothingNew(window, limit: limit, scanned: &scanned) { return .incomplete }
        headLength = 0
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
        try interpret(bytes, line, method)
        headLength = length
        return length
    }

    /// What the fields mean, once all are there.
    @inline(__always)
    private func interpret(_ bytes: Span<UInt8>, _ line: StatusLine, _ method: HTTPMethod) throws(Rejection) {
        status = line.status
        reason = line.reason
        versionMinor = line.versionMinor
        body = try ResponseFraming.framing(
            bytes, fields, status: line.status, method: method, versionMinor: line.versionMinor)
        let options = ConnectionOptions.read(bytes, fields)
        keepAlive = options.persists(versionMinor: line.versionMinor) && body != .untilClose
        upgradeFieldIndex = line.status == 101 ? UpgradeOffer.fieldIndex(bytes, fields, options) : nil
        if line.status < 200 || line.status == 204 { refuseContentOfEmptyStatus(bytes) }
    }

    /// RFC 9110 section 8.6 and RFC 9112 section 6.1: 1xx and 204 carry neither Content-Length nor Transfer-Encoding. One that does is
    /// forwarded without them, and if it announces content the connection is not trusted with another response.
    private func refuseContentOfEmptyStatus(_ bytes: Span<UInt8>) {
        if fields.contains(.transferEncoding) { keepAlive = false }
        guard let index = fields.firstIndex(of: .contentLength) else { return }
        fields.drop(index)
        if !Bytes.equal(bytes, fields[index].value.range, "0") { keepAlive = false }
    }
}
