internal import ControlHTTP
internal import HTTP
internal import Injection

/// The request of an HTTP probe, as the kubelet would have sent it.
struct HTTPProbeRequest {
    /// Path and query, escaped.
    private(set) var target: String
    private let fields: HTTPFields

    init(path: String, headers: [ProbeTarget.Header], userAgent: String?) {
        target = Self.escaped(path)
        var fields = HTTPFields()
        for header in headers { fields.append(header.name, header.value) }
        if fields["user-agent"] == nil { fields.append("user-agent", userAgent ?? "kube-probe/weir") }
        if fields["accept"] == nil { fields.append("accept", "*/*") }
        fields.append("connection", "close")
        self.fields = fields
    }

    var request: HTTPClientRequest {
        var request = HTTPClientRequest(.get, target, fields: fields)
        request.isRepeatable = false
        // The probe has a time of its own.
        request.responseTimeout = 0
        return request
    }

    /// The request that a redirect asks for; nil when it leads to another host, where no probe goes.
    /// - Parameter host: the address that was asked, as in a URL.
    func redirected(to location: String, host: String) -> HTTPProbeRequest? {
        var path = location[...]
        for origin in ["http://\(host)", "https://\(host)"] where path.hasPrefix(origin) {
            path = path.dropFirst(origin.count).drop { $0 != "/" && $0 != "?" }
            if !path.hasPrefix("/") { path = "/" + path }
        }
        guard path.hasPrefix("/"), !path.hasPrefix("//") else { return nil }
        var request = self
        request.target = Self.escaped(String(path))
        return request
    }

    /// What cannot be sent is escaped; a fragment is not sent.
    private static func escaped(_ path: String) -> String {
        var out = path.hasPrefix("/") ? "" : "/"
        for byte in path.utf8 {
            switch byte {
            case UInt8(ascii: "#"): return out
            case 0x21...0x7e: out.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                out += byte < 16 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return out
    }
}
