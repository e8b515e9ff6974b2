internal import COpenSSL

/// The SHA-256 (FIPS 180-4) of some bytes: what stands for a secret that need not be kept.
package struct Digest256: Hashable, Sendable {
    private let words: (UInt64, UInt64, UInt64, UInt64)

    /// nil when OpenSSL cannot make it.
    package init?(_ bytes: some Sequence<UInt8>) {
        let input = Array(bytes)
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        ErrorQueue.clear()
        let status = unsafe withUnsafeMutableBytes(of: &words) { room in
            unsafe input.withUnsafeBytes { bytes in
                unsafe EVP_Digest(
                    bytes.baseAddress, bytes.count, room.baseAddress?.assumingMemoryBound(to: UInt8.self), nil,
                    EVP_sha256(), nil)
            }
        }
        guard status == 1 else { return nil }
        self.words = words
    }

    package static func == (one: Digest256, other: Digest256) -> Bool { one.words == other.words }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
        hasher.combine(words.2)
        hasher.combine(words.3)
    }

    /// Thirty-two bytes.
    package var bytes: [UInt8] {
        [words.0, words.1, words.2, words.3].flatMap { word in
            (0..<8).map { UInt8(truncatingIfNeeded: UInt64(bigEndian: word) >> (56 - 8 * UInt64($0))) }
        }
    }
}
