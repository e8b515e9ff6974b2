internal import CLinux

/// An IP address a name resolved to.
package struct ResolvedAddress: Hashable, Sendable {
    package enum Family: UInt8, Sendable {
        case v4
        case v6
    }

    package let family: Family
    /// The first eight bytes as a big-endian number; an IPv4 address is in the upper four.
    package let high: UInt64
    /// The last eight bytes as a big-endian number; zero for IPv4.
    package let low: UInt64

    private init(family: Family, high: UInt64, low: UInt64) {
        self.family = family
        self.high = high
        self.low = low
    }

    /// The address in network byte order: 4 bytes make an IPv4 address, 16 an IPv6 one, anything else none.
    package init?(bytes: UnsafeRawBufferPointer) {
        switch bytes.count {
        case 4:
            let word = unsafe bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            self.init(family: .v4, high: word << 32, low: 0)
        case 16:
            let high = unsafe bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            let low = unsafe bytes.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            self.init(family: .v6, high: high, low: low)
        default:
            return nil
        }
    }

    /// The address written as `text`, without brackets or zone; nil when it is none.
    package init?(text: String) {
        var storage: (UInt64, UInt64) = (0, 0)
        let parsed = unsafe withUnsafeMutableBytes(of: &storage) { bytes -> ResolvedAddress? in
            if unsafe inet_pton(AF_INET, text, bytes.baseAddress) == 1 {
                return unsafe ResolvedAddress(bytes: UnsafeRawBufferPointer(rebasing: bytes.prefix(4)))
            }
            if unsafe inet_pton(AF_INET6, text, bytes.baseAddress) == 1 {
                return unsafe ResolvedAddress(bytes: UnsafeRawBufferPointer(bytes))
            }
            return nil
        }
        guard let parsed else { return nil }
        self = parsed
    }

    /// The 4 or 16 bytes of the address in network byte order.
    package var bytes: [UInt8] {
        let all = [high, low].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) } }
        return family == .v4 ? Array(all.prefix(4)) : all
    }
}

extension ResolvedAddress: CustomStringConvertible {
    /// The usual text form, as `inet_ntop` writes it.
    package var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let written = unsafe bytes.withUnsafeBytes {
            unsafe inet_ntop(family == .v4 ? AF_INET : AF_INET6, $0.baseAddress, &text, socklen_t(text.count))
        }
        guard unsafe written != nil else { return "" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
