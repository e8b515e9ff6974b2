internal import GatewayAPI
internal import Reactor

/// `lastTransitionTime`: whole seconds in UTC.
enum StatusTime {
    static func now() -> String {
        Timestamp.text(seconds: Int64(clamping: Clock.wallMilliseconds() / 1000))
    }
}
