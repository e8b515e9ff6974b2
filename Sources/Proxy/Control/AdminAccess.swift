internal import GatewayAPI
internal import Reactor

/// Who may ask what of the admin interface.
///
/// It listens on loopback, which the workload of a pod reaches as well, and so does every web page that a browser on
/// the same machine shows. Whoever reads needs only to have addressed this interface and not a name that a stranger
/// lets resolve to it; whoever changes something has to be the proxy's own user. A workload has another, since the
/// proxy's traffic is never captured.
struct AdminAccess {
    struct Refusal: Equatable {
        var status: Int
        var text: String
    }

    /// The user that the proxy runs as.
    var user: UInt32

    /// - Parameters:
    ///   - host: the Host field.
    ///   - isRead: nothing is changed.
    ///   - isFromPage: the request has an Origin field, as everything has that a page makes a browser send.
    ///   - caller: the user whose socket asks, found when it is needed; nil when it cannot be told, as of another
    ///     machine.
    func refusal(host: String?, isRead: Bool, isFromPage: Bool, caller: () -> UInt32?) -> Refusal? {
        guard let host, Self.isLiteral(host) else {
            return Refusal(status: 421, text: "ask by an address or as localhost: other names may be anybody's")
        }
        if isRead { return nil }
        guard !isFromPage else { return Refusal(status: 403, text: "no web page may change anything here") }
        guard let caller = caller(), caller == user else {
            return Refusal(
                status: 403,
                text:
                    "only the proxy's own user (uid \(user)) on this machine may change something here; nothing was changed"
            )
        }
        return nil
    }

    /// An address or `localhost`, with or without a port.
    private static func isLiteral(_ host: String) -> Bool {
        if host.hasPrefix("[") {
            guard let end = host.firstIndex(of: "]") else { return false }
            let rest = host[host.index(after: end)...]
            return IPAddress(host.dropFirst().prefix { $0 != "]" }) != nil && (rest.isEmpty || rest.hasPrefix(":"))
        }
        let name = host.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
        return name.lowercased() == "localhost" || IPAddress(name) != nil
    }
}
