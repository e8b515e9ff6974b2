internal import HTTP
internal import Reactor
internal import Routing
internal import Telemetry

/// A request whose head is complete: normalise, route, and either answer or forward.
extension Worker {
    /// Takes up the request in `requestHead`; returns how many of `bytes` it has consumed, head included.
    func takeRequest(_ index: Int32, _ bytes: UnsafeRawBufferPointer, headLength: Int) -> Int {
        guard let exchange = exchangeSlab.take() else {
            shard.add(.overloadRefusals)
            closeConnection(index)
            return bytes.count
        }
        begin(exchange, on: index, bytes)
        guard let snapshot = snapshots.newest else { return bytes.count }
        var request = RoutedRequest(bytes: bytes, headLength: headLength)
        guard normalisePath(&request, .standard) else {
            refusePath(exchange)
            return bytes.count
        }
        if case .length(let length) = requestHead.body, limits.bodyBytes > 0, length > limits.bodyBytes {
            answer(exchange, .limit)
            return bytes.count
        }
        guard !HopCount(requestHead.fields, in: bytes).isOver else {
            shard.add(.loopRefusals)
            request.consumed = headLength + skipBody(exchange, request)
            answer(
                exchange, .loop, status: 508, text: "the request has passed through too many proxies", closing: false)
            return request.consumed
        }
        request.view = makeView(request)
        let decision = route(exchange, &request, snapshot)
        carryOut(decision, exchange, &request, snapshot)
        return request.consumed
    }

    private func begin(_ exchange: Int32, on index: Int32, _ bytes: UnsafeRawBufferPointer) {
        let e = exchanges[exchange]
        let connection = connections[index]
        connection.pointee.exchange = exchange
        connection.pointee.flags.insert(.reused)
        e.pointee.client = index
        e.pointee.snapshot = snapshots.retainCurrent()
        e.pointee.door = connection.pointee.door
        e.pointee.startedAt = now
        e.pointee.method = requestHead.method
        e.pointee.requestBody = BodyDecoder(requestHead.body, limits: limits.http)
        if !e.pointee.requestBody.isComplete { e.pointee.bodyDeadline = leastRate.firstDeadline(now: now) }
        var flags: Exchange.Flags = []
        if requestHead.keepAlive && !endsClients(at: e.pointee.door) { flags.insert(.keepsClient) }
        if requestHead.method == .head { flags.insert(.isHead) }
        if requestHead.method.isIdempotent { flags.insert(.isIdempotent) }
        if requestHead.versionMinor == 0 { flags.insert(.isHTTP10) }
        if let offer = requestHead.upgradeFieldIndex {
            flags.insert(.wantsUpgrade)
            // An answer is compared with it. Without room for it none is taken for one.
            let value = requestHead.fields[offer].value.range
            _ = buffers.append(UnsafeRawBufferPointer(rebasing: bytes[value]), to: &e.pointee.offer)
        }
        if ConnectionAuthentication.isBound(requestHead.fields, in: bytes) { flags.insert(.boundToClient) }
        if requestHead.body == .chunked { flags.insert(.chunkedRequest) }
        if !e.pointee.requestBody.isComplete { flags.insert(.hasBody) }
        if case .length(let length) = requestHead.body { e.pointee.bodyLength = length }
        if requestHead.fields.contains(.weirRouted) { flags.insert(.isFromProxy) }
        if let type = requestHead.fields.firstIndex(of: .contentType),
            GRPCStatus.isGRPC(bytes, contentType: requestHead.fields[type].value.range)
        {
            flags.insert(.isGRPC)
        }
        e.pointee.flags = flags
        shard.add(.requestsActive, e.pointee.door)
        rememberLine(exchange, bytes)
    }

    private func refusePath(_ exchange: Int32) {
        shard.reject(kind: RefusedPath.metricKind)
        answer(exchange, .malformed, status: 400, text: "the path cannot be normalised safely", closing: true)
    }

    /// Fills in the path to match on and to forward; false when it is refused. Which rules there are besides the
    /// standard ones is known once the frontend is, whose choice no path takes part in.
    func normalisePath(_ request: inout RoutedRequest, _ rules: PathRules) -> Bool {
        let raw = request.slice(requestHead.path)
        guard !raw.isEmpty, !requestHead.isAsterisk else {
            pathScratch[0] = requestHead.isAsterisk ? UInt8(ascii: "*") : UInt8(ascii: "/")
            request.path = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(pathScratch)[..<1])
            request.isPathChanged = true
            return true
        }
        switch PathNormalization.normalize(raw, into: pathScratch, rules: rules) {
        case .asIs:
            request.path = raw
        case .normalized(let length):
            request.path = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(pathScratch)[..<length])
            request.isPathChanged = true
        case .refused:
            return false
        }
        request.view.path = request.path
        return true
    }

    private func makeView(_ request: RoutedRequest) -> RequestView {
        let fields = requestHead.fields
        for position in 0..<fields.count {
            let field = fields[position]
            viewFields[position] = RequestView.Field(
                nameStart: field.nameStart, nameLength: field.nameLength, valueStart: field.valueStart,
                valueLength: field.valueLength)
        }
        return RequestView(
            method: request.slice(requestHead.methodRange), path: request.path,
            query: request.slice(requestHead.query), hasQuery: requestHead.hasQuery,
            host: request.slice(requestHead.host), fieldBytes: request.bytes,
            fields: UnsafeBufferPointer(rebasing: UnsafeBufferPointer(viewFields)[..<fields.count]))
    }

    private func carryOut(
        _ decision: RouteDecision, _ exchange: Int32, _ request: inout RoutedRequest, _ snapshot: Snapshot
    ) {
        switch decision {
        case .forward(let backend):
            exchanges[exchange].pointee.backend = backend
            forward(exchange, &request, snapshot)
        case .direct:
            forward(exchange, &request, snapshot)
        case .redirect(let redirect):
            request.consumed = request.headLength + skipBody(exchange, request)
            answerRedirect(exchange, redirect, request, snapshot.routes)
        case .refusePath:
            refusePath(exchange)
        case .answer(let flag):
            request.consumed = request.headLength + skipBody(exchange, request)
            answer(exchange, flag)
        case .refuse(let status, let text):
            request.consumed = request.headLength + skipBody(exchange, request)
            answer(exchange, .limit, status: status, text: text, closing: false)
        case .awaitRoutes:
            request.consumed = 0
            awaitRoutes(exchange, snapshot)
        case .awaitTurn:
            request.consumed = 0
            awaitTurn(exchange, snapshot.routes)
        }
    }

    /// Passes over a body that is here already, so that an answer of our own need not end the connection. Returns its
    /// length.
    private func skipBody(_ exchange: Int32, _ request: RoutedRequest) -> Int {
        let e = exchanges[exchange]
        var position = 0
        let body = UnsafeRawBufferPointer(rebasing: request.bytes[request.headLength...])
        while !e.pointee.requestBody.isComplete {
            switch e.pointee.requestBody.consume(UnsafeRawBufferPointer(rebasing: body[position...])) {
            case .data(let range): position += range.upperBound
            case .skip(let count): position += count
            case .end(let consumed, _): return position + consumed
            case .needMore, .invalid: return position
            }
        }
        return position
    }
}

/// The request that is being routed: the head's bytes, and what was made of them. Lives for one call.
struct RoutedRequest {
    /// The head, and what came behind it.
    let bytes: UnsafeRawBufferPointer
    let headLength: Int
    /// Bytes that were taken; the rest waits for the next request or for the endpoint.
    var consumed: Int
    var path = UnsafeRawBufferPointer(start: nil, count: 0)
    /// The path differs from what the client wrote.
    var isPathChanged = false
    var view = RequestView(
        method: UnsafeRawBufferPointer(start: nil, count: 0), path: UnsafeRawBufferPointer(start: nil, count: 0),
        query: UnsafeRawBufferPointer(start: nil, count: 0), hasQuery: false,
        host: UnsafeRawBufferPointer(start: nil, count: 0), fieldBytes: UnsafeRawBufferPointer(start: nil, count: 0),
        fields: UnsafeBufferPointer(start: nil, count: 0))

    init(bytes: UnsafeRawBufferPointer, headLength: Int) {
        self.bytes = bytes
        self.headLength = headLength
        consumed = bytes.count
    }

    func slice(_ range: ByteRange) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[range.range])
    }
}

/// A path that is refused is counted behind the codec's own reasons.
enum RefusedPath {
    static let metricKind = UInt8(Rejection.allCases.count)
    static let label = "unsafe_path"
}
