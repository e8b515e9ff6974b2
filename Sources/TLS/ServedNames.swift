internal import COpenSSL

/// The hostnames of a server context, with a context of its own for each set of certificates. The context that sessions
/// begin with holds this, and so does every session through it.
@safe
final class ServedNames {
    /// Identities for the same names: of each type of key one.
    private struct Certificates {
        var names: [String]
        var context: SSLContext
    }

    private let selection: HostnameSelection
    private let hostnames: [[Certificates]]
    let protocols: ProtocolNames

    init(
        _ identities: [(hostname: String?, identities: [TLSIdentity])], protocols: ProtocolNames,
        make: () throws(TLSError) -> SSLContext
    ) throws(TLSError) {
        self.protocols = protocols
        selection = HostnameSelection(identities.map(\.hostname))
        var hostnames: [[Certificates]] = []
        for entry in identities {
            var groups: [Certificates] = []
            // In reverse, because OpenSSL keeps the last of each type of key, and the first is to count.
            for identity in entry.identities.reversed() {
                let names = identity.dnsNames.sorted()
                if let known = groups.firstIndex(where: { $0.names == names }) {
                    try groups[known].context.use(identity)
                } else {
                    let context = try make()
                    try context.use(identity)
                    groups.append(Certificates(names: names, context: context))
                }
            }
            hostnames.append(groups.reversed())
        }
        self.hostnames = hostnames
    }

    private var contexts: [SSLContext] { hostnames.flatMap { $0.map(\.context) } }

    /// The context with the certificate that fits the hostname best which a client's SNI chooses; nil when nothing is
    /// served by that name.
    func choose(_ name: String?) -> SSLContext? {
        let name = name?.lowercased()
        guard let position = selection.position(of: name), let first = hostnames[position].first else { return nil }
        guard let name, hostnames[position].count > 1 else { return first.context }
        var best = first
        for other in hostnames[position].dropFirst()
        where CertificateFit.rank(other.names, for: name) > CertificateFit.rank(best.names, for: name) {
            best = other
        }
        return best.context
    }
}

extension ServedNames {
    /// Has every context answer a client's ALPN, the first one included: which of them OpenSSL asks depends on SNI.
    func answerProtocols(on first: SSLContext) {
        guard !protocols.isEmpty else { return }
        let argument = unsafe Unmanaged.passUnretained(self).toOpaque()
        for context in [first] + contexts {
            unsafe SSL_CTX_set_alpn_select_cb(context.pointer, ServerCallbacks.applicationProtocol, argument)
        }
    }
}
