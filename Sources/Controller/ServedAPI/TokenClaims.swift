internal import GatewayAPI
internal import Kubernetes

/// What a JSON Web Token (RFC 7519, in the compact form of RFC 7515, section 3.1) says of itself. Nothing of it is
/// verified: it is enough to turn away, without asking anybody, what nobody would accept.
struct TokenClaims: Hashable {
    /// `aud`.
    var audiences: [String]
    /// `exp`, in seconds since 1970.
    var expires: Int64

    private static let partLimit = 3

    /// nil for what is no such token, or says nothing of its audience or end; a service account's always does.
    init?(_ token: String) {
        let parts = token.split(separator: ".", maxSplits: Self.partLimit, omittingEmptySubsequences: false)
        guard parts.count == Self.partLimit, parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(Self.isDigit) }),
            let bytes = Self.decode(parts[1]), let claims = try? JSONReader.node(bytes, limits: Self.limits),
            let expires = Self.seconds(claims["exp"]), let audience = claims["aud"]
        else { return nil }
        self.expires = expires
        audiences = audience.stringValue.map { [$0] } ?? audience.elements.compactMap(\.stringValue)
    }

    /// Whoever reaches the port can have these read.
    private static var limits: JSONLimits {
        var limits = JSONLimits()
        limits.bytes = 4096
        limits.depth = 16
        limits.nodes = 512
        return limits
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// base64url without padding (RFC 7515, section 2).
    private static func decode(_ part: Substring) -> [UInt8]? {
        var text = String(part.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
        text += String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        return Base64.decode(text)
    }

    /// NumericDate (RFC 7519, section 2) may have a fraction.
    private static func seconds(_ node: Node?) -> Int64? {
        switch node?.value {
        case .integer(let seconds): seconds
        case .number(let seconds): Int64(exactly: seconds.rounded(.down))
        default: nil
        }
    }
}
