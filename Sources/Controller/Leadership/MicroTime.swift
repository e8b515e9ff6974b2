internal import GatewayAPI
internal import Reactor

/// Kubernetes' MicroTime: RFC 3339 in UTC with six digits of fraction.
enum MicroTime {
    static func now() -> String { text(milliseconds: Clock.wallMilliseconds()) }

    /// - Parameter milliseconds: since 1970.
    static func text(milliseconds: UInt64) -> String {
        let seconds = Timestamp.text(seconds: Int64(clamping: milliseconds / 1000)).dropLast()
        let fraction = String(milliseconds % 1000)
        return "\(seconds).\(String(repeating: "0", count: 3 - fraction.utf8.count))\(fraction)000Z"
    }
}
