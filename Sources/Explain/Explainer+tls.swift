internal import GatewayAPI
internal import Routing

/// Whether the client and the frontend agree about TLS, and what the handshake decides.
extension Explainer {
    /// The number of the listener that answers for the request, -1 when none takes its host. nil: the connection does
    /// not get so far, and the explanation is complete.
    func listener(
        of group: Int32, _ onPort: [PlannedListener], _ read: ReadRequest, _ explanation: inout Explanation
    ) -> Int32? {
        switch (request.isTLS, table.isTLS(group)) {
        case (false, false): return unsafe table.frontend(group, host: read.view.host)
        case (true, true): return listener(ofHandshake: group, onPort, read, &explanation)
        case (false, true):
            explanation.outcome = .answered(status: 400, reason: "this port speaks HTTPS")
            explanation.reasons.append("port \(request.port) takes TLS connections only: https://HOST/PATH asks it")
            return nil
        case (true, false):
            explanation.outcome = .refused("port \(request.port) speaks HTTP without TLS")
            explanation.reasons.append("a TLS handshake is no request: http://HOST:PORT/PATH asks this port")
            return nil
        }
    }

    /// As the proxy does: the SNI chooses the listener, which serves its own hosts only.
    private func listener(
        ofHandshake group: Int32, _ onPort: [PlannedListener], _ read: ReadRequest, _ explanation: inout Explanation
    ) -> Int32? {
        let name = Array(request.serverName.utf8)
        let chosen = unsafe name.withUnsafeBytes { unsafe table.frontend(group, serverName: $0) }
        let asked = request.serverName.isEmpty ? "without a name" : "for \(request.serverName)"
        guard chosen >= 0, let listener = onPort.first(where: { isListener($0, chosen) }) else {
            explanation.outcome = .refused("no listener on port \(request.port) takes a handshake \(asked)")
            explanation.reasons.append(
                "the client gets the alert unrecognized_name; it asks \(asked) (SNI), and the listeners are: "
                    + Self.hostnames(onPort))
            return nil
        }
        explanation.reasons.append("the TLS handshake asks \(asked) (SNI), which chooses listener \(listener.name)")
        switch unsafe table.verdict(group, listener: chosen, host: read.view.host) {
        case .own: return chosen
        case .unknown: return -1
        case .misdirected:
            explanation.outcome = .answered(status: 421, reason: "this connection does not serve that host")
            explanation.reasons.append("host \(read.host) belongs to another listener of the port")
            return nil
        }
    }

    /// Sidecars have no part in the TLS of applications.
    func explainTLS(toService frontend: Explanation.Frontend, _ explanation: inout Explanation) {
        if frontend.appProtocol == "http" {
            explanation.outcome = .refused("port \(frontend.port) declares HTTP, and is read as HTTP without TLS")
            explanation.reasons.append(
                "a TLS handshake is no request; appProtocol https or tcp lets the application's own TLS pass")
            return
        }
        explanation.outcome = .passedAsBytes
        let cause =
            frontend.appProtocol == "opaque"
            ? "the port declares a protocol other than HTTP/1.1" : "the first bytes of a TLS connection are no request"
        explanation.reasons.append(
            "\(cause): it is passed on unread, and no route applies; the application has to end the TLS itself")
    }
}
