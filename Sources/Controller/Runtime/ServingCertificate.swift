internal import Reactor
internal import TLS
internal import Telemetry

/// A certificate in files, for the served API: read again from time to time, since whoever issues it renews it there.
package final class ServingCertificate {
    /// The chain and its key, PEM.
    package typealias Load = () throws -> (chain: [UInt8], key: [UInt8])

    private static let interval: UInt64 = 60_000_000_000

    private let loop: EventLoop
    private let load: Load
    private var material: (chain: [UInt8], key: [UInt8])?
    private(set) var context: TLSServerContext?

    /// - Throws: what reading or using it fails with; later failures leave what is served in place.
    init(loop: EventLoop, load: @escaping Load) throws {
        self.loop = loop
        self.load = load
        try read()
        again()
    }

    private func read() throws {
        let new = try load()
        if let material, material.chain == new.chain, material.key == new.key { return }
        let identity = try TLSIdentity(certificateChain: new.chain, privateKey: new.key)
        context = try TLSServerContext(identities: [(hostname: nil, identities: [identity])])
        material = new
    }

    private func again() {
        loop.after(Self.interval) { [weak self] in
            guard let self else { return }
            do { try read() } catch {
                Log.error("certificates", "--serve-certificate: \(error); what is served stays")
            }
            again()
        }
    }
}
