internal import Glibc

/// How many descriptors this process may have open.
package enum DescriptorLimit {
    /// Descriptors kept for what is not a connection of a worker: files, admin, DNS, listeners.
    static let reserve = 256

    /// Raises the soft limit to the hard one and returns it.
    @discardableResult
    package static func raise() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
        return Int(clamping: limit.rlim_cur)
    }

    /// Connections that one of `workers` workers may hold, at most `wanted`.
    package static func connections(_ wanted: Int, workers: Int) -> Int {
        max(16, min(wanted, (raise() - reserve) / max(1, workers)))
    }
}
