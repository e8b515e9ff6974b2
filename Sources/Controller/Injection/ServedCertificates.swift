internal import Synchronization
internal import TLS
internal import Telemetry

/// The contexts that new connections are taken with, for whatever thread takes them.
final class ServedCertificates: Sendable {
    private struct State {
        var certificates: WeirCertificates?
        var clientAuthorities: [UInt8]?
        var context: TLSServerContext?
        var webhookContext: TLSServerContext?
    }

    private let state: Mutex<State>

    /// - Parameter clientAuthorities: PEM; when given, the webhook asks its clients for a certificate that one of them
    ///   vouches for.
    init(clientAuthorities: [UInt8]? = nil) {
        state = Mutex(State(clientAuthorities: clientAuthorities))
    }

    /// For whoever asks.
    var context: TLSServerContext? { state.withLock { $0.context } }
    /// For those whom the webhook answers.
    var webhookContext: TLSServerContext? { state.withLock { $0.webhookContext } }

    func use(_ certificates: WeirCertificates) {
        update { $0.certificates = certificates }
    }

    func use(clientAuthorities: [UInt8]) {
        update { $0.clientAuthorities = clientAuthorities }
    }

    /// What cannot be served leaves what is being served in place.
    private func update(_ change: (inout State) -> Void) {
        state.withLock { state in
            var next = state
            change(&next)
            do throws(TLSError) {
                try Self.makeContexts(&next)
                state = next
            } catch {
                Log.error("certificates", "the serving certificate cannot be used: \(error)")
            }
        }
    }

    private static func makeContexts(_ state: inout State) throws(TLSError) {
        guard let certificates = state.certificates else { return }
        let identity = try TLSIdentity(certificateChain: certificates.certificate, privateKey: certificates.key)
        let context = try TLSServerContext(identities: [(hostname: nil, identities: [identity])])
        state.context = context
        state.webhookContext = context
        guard let authorities = state.clientAuthorities else { return }
        state.webhookContext = try TLSServerContext(
            identities: [(hostname: nil, identities: [identity])], clientAuthorities: authorities)
    }
}
