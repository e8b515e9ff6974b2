/// An HTTP/1.1 message as a test sees it: read leniently, kept as it came.
struct Message {
    var startLine: String
    var fields: [(name: String, value: String)]
    var body: [UInt8] = []
    var trailers: [(name: String, value: String)] = []
    var isChunked = false

    var text: String { String(decoding: body, as: UTF8.self) }
    var status: Int { Int(startLine.split(separator: " ").dropFirst().first ?? "") ?? 0 }
    var method: String { String(startLine.split(separator: " ").first ?? "") }
    var target: String { String(startLine.split(separator: " ").dropFirst().first ?? "") }

    /// All values of a field, in order.
    func values(_ name: String) -> [String] {
        fields.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }

    /// The values joined as HTTP allows; nil when there is no such field.
    subscript(name: String) -> String? {
        let found = values(name)
        return found.isEmpty ? nil : found.joined(separator: ",")
    }

    var closes: Bool { (self["connection"] ?? "").lowercased().contains("close") }

    static func parse(_ head: [UInt8]) -> Message {
        let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: true)
        return Message(startLine: String(lines.first ?? ""), fields: lines.dropFirst().map(field))
    }

    private static func field(_ line: Substring) -> (name: String, value: String) {
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let value = parts.count > 1 ? parts[1] : ""
        return (String(parts[0]), String(value.drop { $0 == " " }))
    }
}

extension TCPStream {
    /// The next request; nil when the client has ended the connection before it.
    func readRequest() throws -> Message? {
        guard let head = try read(through: "\r\n\r\n") else { return nil }
        var message = Message.parse(head)
        try readBody(&message, untilClose: false)
        return message
    }

    /// The next final response; interim ones are dropped.
    func readResponse(to method: String = "GET") throws -> Message {
        while true {
            let message = try readOneResponse(to: method)
            if message.status >= 200 || message.status == 101 { return message }
        }
    }

    func readOneResponse(to method: String = "GET") throws -> Message {
        guard let head = try read(through: "\r\n\r\n") else {
            throw Failure("the connection was closed without a response")
        }
        var message = Message.parse(head)
        let hasBody = method != "HEAD" && message.status >= 200 && message.status != 204 && message.status != 304
        if hasBody { try readBody(&message, untilClose: true) }
        return message
    }

    func exchange(_ request: String, method: String = "GET") throws -> Message {
        try send(request)
        return try readResponse(to: method)
    }

    /// A bodiless GET with some more field lines.
    func get(_ target: String, host: String = "shop.test", _ lines: String...) throws -> Message {
        try exchange("GET \(target) HTTP/1.1\r\nHost: \(host)\r\n\(lines.map { $0 + "\r\n" }.joined())\r\n")
    }

    private func readBody(_ message: inout Message, untilClose: Bool) throws {
        if (message["transfer-encoding"] ?? "").lowercased().contains("chunked") {
            message.isChunked = true
            try readChunks(&message)
        } else if let length = Int(message["content-length"] ?? "") {
            message.body = try read(length)
        } else if untilClose {
            let rest = try readToEnd()
            if rest.end == .reset { throw Failure("the response was cut by a reset") }
            message.body = rest.bytes
        }
    }

    private func readChunks(_ message: inout Message) throws {
        while true {
            let size = Int(String(decoding: try line(), as: UTF8.self).prefix { $0 != ";" }, radix: 16) ?? -1
            guard size >= 0 else { throw Failure("a chunk-size line that is none") }
            if size == 0 { break }
            message.body += try read(size)
            guard try read(2) == [13, 10] else { throw Failure("a chunk that does not end in CRLF") }
        }
        while true {
            let line = try line()
            if line.isEmpty { return }
            message.trailers += Message.parse(Array("x\r\n".utf8) + line).fields
        }
    }

    private func line() throws -> [UInt8] {
        guard let line = try read(through: "\r\n") else { throw Failure("the stream ended within a chunked body") }
        return Array(line.dropLast(2))
    }
}
