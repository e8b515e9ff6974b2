@testable internal import Reactor

/// Pure entries for fuzzing what the kernel and operators write. Each takes any bytes and returns the invariants that
/// they broke: nothing, if all is well.
package enum ReactorFuzz {
    /// `/proc/self/cgroup`, `/proc/self/mountinfo` and a limit, with NUL between them.
    package static func memoryLimit(_ bytes: [UInt8]) -> [String] {
        let texts = bytes.split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        var reads = 0
        let limit = MemoryLimit.tightest { path in
            reads += 1
            switch path {
            case "/proc/self/cgroup": return texts[0]
            case "/proc/self/mountinfo": return texts.count > 1 ? texts[1] : nil
            default: return texts.count > 2 ? texts[2] : nil
            }
        }
        return reads > 2 + bytes.count ? ["\(reads) files are read"] : limit == .max ? ["no limit is one"] : []
    }

    package static func address(_ bytes: [UInt8]) -> [String] {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let address = SocketAddress(text) else { return [] }
        return SocketAddress(address.description) == address ? [] : ["writing and reading changes \(address)"]
    }
}
