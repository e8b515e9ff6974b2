extension RequestHead {
    /// Parses the request head at the start of `bytes`, which may hold more than the head.
    ///
    /// After `.incomplete` the caller reads more, and calls again with all bytes from the head's first byte on and the
    /// same `scanned`. Only when a line ended is the head parsed again, so slow senders cost one look at each byte and
    /// one parse per line. The result does not depend on how the bytes were split. Up to `limits.headBytes` bytes must
    /// be kept for a head that is not complete.
    /// - Parameter scanned: how far the head is known to hold no line end that was not looked at; 0 for a new head.
    package func parse(
        _ bytes: UnsafeRawBufferPointer, limits: HTTP1Limits, scanned: inout Int
    ) -> HeadResult {
        let limit = HeadWindow.limit(limits)
        let window = unsafe HeadWindow.clipped(bytes, limit: limit).span
        if scanned > 0, HeadWindow.hasNothingNew(window, limit: limit, scanned: &scanned) { return .incomplete }
        unsafe facts.pointee.headLength = 0
        do throws(Rejection) {
            if let length = try parseHead(window, limits) {
                scanned = 0
                return .complete(length)
            }
            if window.count >= limit { return .invalid(oversize(window)) }
        } catch {
            return .invalid(error)
        }
        scanned = HeadWindow.resumePoint(window)
        return .incomplete
    }

    /// The head's length, or nil while it is not whole.
    @inline(__always)
    private func parseHead(_ bytes: Span<UInt8>, _ limits: HTTP1Limits) throws(Rejection) -> Int? {
        guard let start = try leadingLine(bytes), let lineEnd = try LineScanner.lineEnd(bytes, from: start) else {
            return nil
        }
        let line = try RequestLine.parse(bytes, start: start, end: lineEnd, targetLimit: limits.targetBytes)
        guard
            let length = try FieldSection.parse(bytes, from: lineEnd &+ 2, maximum: limits.fields, into: fields)
        else { return nil }
        try interpret(bytes, line, length: length)
        return length
    }

    /// RFC 9112 section 2.2: at most one empty line before the request line is overlooked.
    @inline(__always)
    private func leadingLine(_ bytes: Span<UInt8>) throws(Rejection) -> Int? {
        guard bytes.count > 0 else { return nil }
        guard bytes[0] == Bytes.carriageReturn else { return 0 }
        guard bytes.count > 1 else { return nil }
        guard bytes[1] == Bytes.lineFeed else { throw .bareCarriageReturn }
        return 2
    }

    /// What the fields mean, once all are there.
    @inline(__always)
    private func interpret(_ bytes: Span<UInt8>, _ line: RequestLine, length: Int) throws(Rejection) {
        var found = RequestFacts()
        found.headLength = length
        found.method = line.method
        found.methodRange = line.methodRange
        found.target = line.targetRange
        found.path = line.target.path
        found.query = line.target.query
        found.hasQuery = line.target.hasQuery
        found.isAsterisk = line.target.isAsterisk
        found.versionMinor = line.versionMinor
        try readAuthority(bytes, line.target.authority, into: &found)
        found.body = try RequestFraming.framing(bytes, fields, versionMinor: line.versionMinor)
        let options = ConnectionOptions.read(bytes, fields)
        found.keepAlive = options.persists(versionMinor: line.versionMinor)
        // RFC 9110 sections 7.8 and 10.1.1: neither means anything in HTTP/1.0.
        found.upgradeFieldIndex = line.versionMinor == 0 ? nil : UpgradeOffer.fieldIndex(bytes, fields, options)
        let waits = try Expectation.expectsContinue(bytes, fields)
        found.expectContinue = waits && line.versionMinor > 0 && found.body != .none && found.body != .length(0)
        unsafe facts.pointee = found
    }

    /// RFC 9112 section 3.2: exactly one valid Host; an absolute-form target's authority takes its place. HTTP/1.0
    /// knows no Host: such a request may be addressed to nobody.
    @inline(__always)
    private func readAuthority(
        _ bytes: Span<UInt8>, _ absolute: Range<Int>?, into found: inout RequestFacts
    ) throws(Rejection) {
        guard fields.repeated & KnownField.host.bit == 0 else { throw .hostRepeated }
        let index = fields.firstIndex(of: .host)
        guard index != nil || found.versionMinor == 0 else { throw .hostMissing }
        let field = index.map { fields[$0].value.range }
        var parsed = Authority.none
        if let field { parsed = try Authority.parse(bytes, field) }
        if let absolute { parsed = try Authority.parse(bytes, absolute) }
        found.isAbsolute = absolute != nil
        guard let range = absolute ?? field else { return }
        found.authority = ByteRange(from: range.lowerBound, to: range.upperBound)
        found.host = parsed.host
        found.port = parsed.port
    }

    /// Which limit a head that does not end has met.
    private func oversize(_ bytes: Span<UInt8>) -> Rejection {
        // The start line was not whole if no line end is in sight after a leading empty line.
        let start = bytes.count > 1 && bytes[0] == Bytes.carriageReturn ? 2 : 0
        let hit = LineScanner.nextControl(bytes, from: start)
        return hit &+ 1 >= bytes.count ? .targetTooLong : .headTooLarge
    }
}
