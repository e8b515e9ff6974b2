internal import HTTP
internal import Routing

/// What the proxy would have read of a request.
struct ReadRequest {
    var view: RequestView
    /// As matched: normalised.
    var path: String
    /// As the client wrote it.
    var writtenPath: String
    var host: String

    /// The request as a frontend with rules of its own for paths matches it.
    func read<Result>(
        under rules: PathRules, _ body: (ReadRequest) -> Result
    ) throws(PathNormalization.Refusal) -> Result {
        if rules.isStandard || path == "*" { return body(self) }
        var read = self
        read.path = try PathNormalization.normalForm(of: writtenPath, rules: rules)
        let bytes = Array(read.path.utf8)
        return unsafe bytes.withUnsafeBytes { bytes in
            unsafe read.view.path = bytes
            return body(read)
        }
    }
}

/// Why the proxy would not have taken a request at all.
struct RequestRefusal: Error {
    var status: Int
    var reason: String
}

extension ExplainedRequest {
    /// Writes the request as the client would send it, and reads it as a proxy does: the same parser, the same
    /// normalisation.
    func read<Result>(defaultHost: String?, _ body: (ReadRequest) -> Result) throws(RequestRefusal) -> Result {
        let bytes = head(defaultHost: defaultHost)
        let parsed = RequestHead()
        let outcome = unsafe bytes.withUnsafeBytes { raw -> Swift.Result<Result, RequestRefusal> in
            var scanned = 0
            switch unsafe parsed.parse(raw, limits: HTTP1Limits(), scanned: &scanned) {
            case .complete: return unsafe Self.interpret(parsed, raw, body)
            case .incomplete: return .failure(RequestRefusal(status: 400, reason: "the head is not complete"))
            case .invalid(let rejection):
                return .failure(RequestRefusal(status: rejection.status, reason: "\(rejection.reason)"))
            }
        }
        return try outcome.get()
    }

    private func head(defaultHost: String?) -> [UInt8] {
        var text = "\(method) \(target) HTTP/1.1\r\n"
        if let host = authority ?? defaultHost { text += "Host: \(host)\r\n" }
        for header in headers { text += "\(header.name): \(header.value)\r\n" }
        return Array((text + "\r\n").utf8)
    }

    private static func interpret<Result>(
        _ head: RequestHead, _ raw: UnsafeRawBufferPointer, _ body: (ReadRequest) -> Result
    ) -> Swift.Result<Result, RequestRefusal> {
        let written = unsafe UnsafeRawBufferPointer(rebasing: raw[head.path.range])
        let fields = (0..<head.fields.count).map { position in
            let field = head.fields[position]
            return RequestView.Field(
                nameStart: field.nameStart, nameLength: field.nameLength, valueStart: field.valueStart,
                valueLength: field.valueLength)
        }
        guard
            let path = unsafe head.isAsterisk
                ? "*" : PathNormalization.normalized(String(decoding: written, as: UTF8.self))
        else {
            return .failure(RequestRefusal(status: 400, reason: "the path cannot be normalised safely"))
        }
        let pathBytes = Array(path.utf8)
        return unsafe pathBytes.withUnsafeBytes { pathBytes in
            unsafe fields.withUnsafeBufferPointer { fields in
                let host = unsafe UnsafeRawBufferPointer(rebasing: raw[head.host.range])
                let view = unsafe RequestView(
                    method: UnsafeRawBufferPointer(rebasing: raw[head.methodRange.range]), path: pathBytes,
                    query: UnsafeRawBufferPointer(rebasing: raw[head.query.range]), hasQuery: head.hasQuery,
                    host: host, fieldBytes: raw, fields: fields)
                return unsafe .success(
                    body(
                        ReadRequest(
                            view: view, path: path, writtenPath: String(decoding: written, as: UTF8.self),
                            host: String(decoding: host, as: UTF8.self))))
            }
        }
    }
}
