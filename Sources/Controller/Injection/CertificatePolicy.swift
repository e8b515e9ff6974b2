package import TLS

/// When the controller's certificates are made anew. Pure: what is there and the time in, what to do out.
package struct CertificatePolicy: Sendable {
    package enum Decision: Hashable, Sendable {
        /// Until then (seconds since 1970) nothing has to be done.
        case keep(until: Int64)
        case renewLeaf
        /// Announce another authority; what is served is signed by the old one until everybody trusts the new one.
        case renewAuthority
        /// There is nothing that could be used.
        case beginAnew
    }

    package static let authorityDays = 3653
    package static let leafDays = 90
    private static let day: Int64 = 86_400
    /// What is left of a certificate when its successor is made.
    private static let leafReserve = Int64(leafDays) * day / 3
    private static let authorityReserve: Int64 = 730 * day
    /// Certificates are dated this far back, so that slow clocks take them.
    private static let backdating: Int64 = 3600
    /// Days that a new authority is announced before it vouches for the certificate in use. Injected proxies that read
    /// from the controller trust whom they were told of when their pod was made, and nobody can tell them anew: pods
    /// that are not restarted within this time are cut off.
    package static let announcementDays = 365

    /// The DNS names of the service.
    package var names: [String]

    package init(service: String, namespace: String) {
        names = ["\(service).\(namespace).svc", "\(service).\(namespace).svc.cluster.local", "\(service).\(namespace)"]
    }

    package func decide(_ current: WeirCertificates?, now: Int64) -> Decision {
        guard let current, let newest = current.authorities.first,
            let authority = try? TLSIdentity(certificateChain: newest, privateKey: current.authorityKey),
            authority.notAfter > now, authority.notBefore <= now + Self.day
        else { return .beginAnew }
        guard let leaf = try? TLSIdentity(certificateChain: current.certificate, privateKey: current.key),
            Set(names).isSubset(of: leaf.dnsNames), leaf.notAfter > now
        else { return .renewLeaf }
        if authority.notAfter - Self.authorityReserve <= now { return .renewAuthority }
        var due = min(leaf.notAfter - Self.leafReserve, authority.notAfter - Self.authorityReserve)
        // A certificate that is no younger than the authority was signed by the one before it. (Or both were made at
        // the beginning, in one second; then the certificate ends long before this matters.)
        if leaf.notBefore <= authority.notBefore {
            due = min(due, authority.notBefore + Self.backdating + Int64(Self.announcementDays) * Self.day)
        }
        return due <= now ? .renewLeaf : .keep(until: due)
    }

    /// What there is to be after a decision.
    package func apply(_ decision: Decision, to current: WeirCertificates?) throws(TLSError) -> WeirCertificates? {
        switch (decision, current) {
        case (.keep, _): return current
        case (.renewLeaf, let current?): return try renewed(current)
        case (.renewAuthority, var current?):
            // The old authority signs once more, for as long as the new one is announced: its key is not kept.
            current = try renewed(current, days: Self.announcementDays + Self.leafDays)
            let authority = try Self.newAuthority()
            // One predecessor is enough: it outlives what it signed.
            current.authorities = [authority.certificate] + current.authorities.prefix(1)
            current.authorityKey = authority.key
            return current
        case (.beginAnew, _), (_, nil):
            let authority = try Self.newAuthority()
            return try renewed(
                WeirCertificates(
                    authorities: [authority.certificate], authorityKey: authority.key, certificate: [], key: []))
        }
    }

    private func renewed(
        _ current: WeirCertificates, days: Int = leafDays
    ) throws(TLSError) -> WeirCertificates {
        guard let authority = current.authorities.first else { throw TLSError("there is no authority to sign with") }
        let leaf = try CertificateMaker.leaf(
            dnsNames: names, ipAddresses: [], days: days, authority: (authority, current.authorityKey))
        var renewed = current
        renewed.certificate = leaf.certificate
        renewed.key = leaf.key
        return renewed
    }

    private static func newAuthority() throws(TLSError) -> (certificate: [UInt8], key: [UInt8]) {
        try CertificateMaker.authority(commonName: "weir-controller", days: authorityDays)
    }
}
