internal import TLS

/// Pure entries for fuzzing what is read from Secrets. Each takes any bytes and returns the invariants that they broke:
/// nothing, if all is well.
package enum TLSFuzz {
    /// A certificate chain with its key in one text.
    package static func identity(_ bytes: [UInt8]) -> [String] {
        let identity: TLSIdentity
        do {
            identity = try TLSIdentity(certificateChain: bytes, privateKey: bytes)
        } catch {
            return error.message.isEmpty ? ["a refusal without words"] : []
        }
        var broken: [String] = []
        for name in identity.dnsNames where name.isEmpty || name.utf8.contains(where: { $0 <= 0x20 || $0 >= 0x7f }) {
            broken.append("a DNS name that is not one: \(name.debugDescription)")
        }
        // What was read can be served.
        if (try? TLSServerContext(identities: [(nil, [identity])])) == nil {
            broken.append("an identity nobody can use")
        }
        return broken
    }

    /// Authorities of a client.
    package static func roots(_ bytes: [UInt8]) -> [String] {
        do {
            _ = try TLSClientContext(roots: .pem(bytes), identity: nil)
        } catch {
            if error.message.isEmpty { return ["a refusal without words"] }
        }
        return []
    }
}
