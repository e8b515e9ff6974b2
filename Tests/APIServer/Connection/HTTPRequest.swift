import Foundation

/// One request as it came.
package struct HTTPRequest: Sendable {
    package var method: String
    /// Decoded.
    package var path: String
    /// Decoded, in the order sent.
    package var query: [(name: String, value: String)]
    /// Names in lower case.
    package var headers: [(name: String, value: String)]
    package var body: [UInt8] = []

    package func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
    package func parameter(_ name: String) -> String? { query.first { $0.name == name }?.value }
    func flag(_ name: String) -> Bool { ["1", "true"].contains(parameter(name)) }

    var keepsConnection: Bool { header("connection")?.lowercased() != "close" }
}

/// Why a request cannot be read; the connection ends with it.
struct RequestDefect: Error {
    var status: Int
    var reason: String
}

/// Reads one connection's requests.
struct RequestReader {
    static let maximumHead = 64 << 10
    static let maximumBody = 3 << 20

    private let stream: any ByteStream
    private var pending: [UInt8] = []

    init(_ stream: any ByteStream) { self.stream = stream }

    /// The next request; nil when the client has left between two.
    mutating func next() throws(RequestDefect) -> HTTPRequest? {
        guard let head = try head() else { return nil }
        var lines = head.components(separatedBy: "\r\n")[...]
        let words = lines.removeFirst().split(separator: " ").map(String.init)
        guard words.count == 3, words[2].hasPrefix("HTTP/1.") else {
            throw RequestDefect(status: 400, reason: "no HTTP/1 request")
        }
        var request = HTTPRequest(method: words[0], path: words[1], query: [], headers: [])
        for line in lines {
            guard let colon = line.firstIndex(of: ":") else {
                throw RequestDefect(status: 400, reason: "a header line without a colon")
            }
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            request.headers.append((line[..<colon].lowercased(), value))
        }
        try Self.split(&request)
        if request.header("expect")?.lowercased() == "100-continue" {
            _ = stream.write("HTTP/1.1 100 Continue\r\n\r\n".utf8)
        }
        request.body = try body(of: request)
        return request
    }

    private static func split(_ request: inout HTTPRequest) throws(RequestDefect) {
        let parts = request.path.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let path = parts[0].removingPercentEncoding, path.hasPrefix("/") else {
            throw RequestDefect(status: 400, reason: "an undecodable path")
        }
        request.path = path
        guard parts.count == 2 else { return }
        for pair in parts[1].split(separator: "&") {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map {
                $0.replacing("+", with: " ").removingPercentEncoding ?? ""
            }
            request.query.append((sides[0], sides.count == 2 ? sides[1] : ""))
        }
    }

    private mutating func head() throws(RequestDefect) -> String? {
        let end = Array("\r\n\r\n".utf8)
        while true {
            if let position = pending.firstRange(of: end)?.lowerBound {
                let head = String(decoding: pending[..<position], as: UTF8.self)
                pending.removeSubrange(..<(position + end.count))
                return head
            }
            guard pending.count <= Self.maximumHead else {
                throw RequestDefect(status: 431, reason: "a head too large")
            }
            guard let bytes = stream.read() else {
                if pending.isEmpty { return nil }
                throw RequestDefect(status: 400, reason: "a head cut short")
            }
            pending += bytes
        }
    }

    private mutating func body(of request: HTTPRequest) throws(RequestDefect) -> [UInt8] {
        if request.header("transfer-encoding")?.lowercased() == "chunked" { return try chunks() }
        guard let text = request.header("content-length") else { return [] }
        guard let length = Int(text), length >= 0 else { throw RequestDefect(status: 400, reason: "a bad length") }
        return try take(length)
    }

    private mutating func chunks() throws(RequestDefect) -> [UInt8] {
        var body: [UInt8] = []
        while true {
            let size = try line().split(separator: ";").first.flatMap { Int($0, radix: 16) }
            guard let size, size >= 0 else { throw RequestDefect(status: 400, reason: "a bad chunk size") }
            guard body.count + size <= Self.maximumBody else { throw Self.tooLarge }
            body += try take(size)
            let end = try line()
            if size == 0 {
                // Trailer fields say nothing here; the empty line after them ends the body.
                var trailer = end
                while !trailer.isEmpty { trailer = try line() }
                return body
            }
        }
    }

    private mutating func line() throws(RequestDefect) -> String {
        while true {
            if let position = pending.firstRange(of: [13, 10])?.lowerBound {
                let line = String(decoding: pending[..<position], as: UTF8.self)
                pending.removeSubrange(..<(position + 2))
                return line
            }
            try more()
        }
    }

    private mutating func take(_ count: Int) throws(RequestDefect) -> [UInt8] {
        guard count <= Self.maximumBody else { throw Self.tooLarge }
        while pending.count < count { try more() }
        let bytes = Array(pending[..<count])
        pending.removeSubrange(..<count)
        return bytes
    }

    private mutating func more() throws(RequestDefect) {
        guard let bytes = stream.read() else { throw RequestDefect(status: 400, reason: "a body cut short") }
        pending += bytes
    }

    private static let tooLarge = RequestDefect(status: 413, reason: "a body too large")
}
