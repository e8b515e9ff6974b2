internal import HTTP

extension HTTPFuzz {
    /// The beginning of a connection that may be HTTP/2: what it is does not change with what comes behind it.
    package static func http2Opening(_ bytes: [UInt8]) -> [String] {
        var broken: [String] = []
        var decided: HTTP2Opening?
        for count in 0...bytes.count {
            let opening = bytes[..<count].withUnsafeBytes { HTTP2Opening($0) }
            if let decided, opening != decided { broken.append("\(decided), and \(opening) after \(count) bytes") }
            switch opening {
            case .otherProtocol, .violation: decided = opening
            case .request(let stream):
                decided = opening
                if stream & 1 == 0 { broken.append("a request on stream \(stream)") }
            case .prefaceIncomplete:
                if count >= HTTP2Opening.preface.utf8CodeUnitCount { broken.append("no preface after \(count) bytes") }
            case .requestAwaited:
                if count > HTTP2Opening.longest + (1 << 15) { broken.append("no end of waiting for a request") }
            }
        }
        return broken
    }
}
