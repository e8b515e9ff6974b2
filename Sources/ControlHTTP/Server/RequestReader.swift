internal import HTTP
internal import Reactor

/// One request, read from the bytes as they come. Knows no socket.
struct RequestReader {
    enum Step {
        case needMore
        /// The client waits for 100 (Continue) before it sends the body.
        case wantsContinue
        case request(HTTPServerRequest)
        /// What is sent is no request, or more than is allowed; where the next one begins is unknown.
        case refused(status: Int, reason: String)
    }

    enum Stage {
        case idle, head, body
    }

    private var scanned = 0
    private var request: HTTPServerRequest?
    private var decoder = BodyDecoder(.none)
    /// HTTP/1.1 and later understand chunks.
    private(set) var understandsChunks = true
    private(set) var keepsAlive = false
    private(set) var stage = Stage.idle

    /// Takes from the front of `input` what belongs to the request. `parser` is for this call only.
    mutating func next(
        _ input: inout InputBuffer, parser: RequestHead, limits: HTTPServerLimits, peer: SocketAddress
    ) -> Step {
        if request == nil {
            if input.isEmpty { return .needMore }
            stage = .head
            if let step = readHead(&input, parser, limits, peer) { return step }
        }
        return readBody(&input, limits)
    }

    /// nil: the head is whole.
    private mutating func readHead(
        _ input: inout InputBuffer, _ parser: RequestHead, _ limits: HTTPServerLimits, _ peer: SocketAddress
    ) -> Step? {
        let result = unsafe input.bytes.withUnsafeBytes { bytes in
            let result = unsafe parser.parse(bytes, limits: limits.http, scanned: &scanned)
            if case .complete = result { request = unsafe RequestReader.request(parser, bytes, peer) }
            return result
        }
        switch result {
        case .incomplete: return .needMore
        case .invalid(let why): return .refused(status: why.status, reason: "\(why.reason)")
        case .complete(let length):
            input.consume(length)
            stage = .body
            keepsAlive = parser.keepAlive && parser.versionMinor > 0
            understandsChunks = parser.versionMinor > 0
            decoder = BodyDecoder(parser.body, limits: limits.http)
            if case .length(let length) = parser.body, length > UInt64(limits.bodyBytes) { return tooLarge(limits) }
            return parser.expectContinue && input.isEmpty ? .wantsContinue : nil
        }
    }

    private static func request(
        _ head: RequestHead, _ bytes: UnsafeRawBufferPointer, _ peer: SocketAddress
    ) -> HTTPServerRequest {
        let path = unsafe String(decoding: bytes[head.path.range], as: UTF8.self)
        return unsafe HTTPServerRequest(
            method: head.method, path: path.isEmpty ? "/" : path,
            query: String(decoding: bytes[head.query.range], as: UTF8.self),
            fields: HTTPFields(head.fields, in: bytes), body: [], peer: peer)
    }

    private mutating func readBody(_ input: inout InputBuffer, _ limits: HTTPServerLimits) -> Step {
        while true {
            switch unsafe input.bytes.withUnsafeBytes({ unsafe decoder.consume($0) }) {
            case .needMore: return .needMore
            case .skip(let count): input.consume(count)
            case .data(let range):
                let length = (request?.body.count ?? 0) + range.count
                guard length <= limits.bodyBytes else { return tooLarge(limits) }
                request?.body.append(contentsOf: input.bytes[range])
                input.consume(range.upperBound)
            case .end(let count, _):
                input.consume(count)
                guard let whole = request else { return .needMore }
                return .request(whole)
            case .invalid(let why): return .refused(status: why.status, reason: "\(why.reason)")
            }
        }
    }

    /// Bytes of the body that have been read.
    var bodyBytes: Int { request?.body.count ?? 0 }

    /// Gives up what has been read: nothing comes after it.
    mutating func drop() { request = nil }

    private func tooLarge(_ limits: HTTPServerLimits) -> Step {
        .refused(status: 413, reason: "the body is longer than the \(limits.bodyBytes) bytes allowed")
    }
}
