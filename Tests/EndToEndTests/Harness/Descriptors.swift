import Glibc

/// How many descriptors this process may have open.
enum Descriptors {
    private static let raised: Void = {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }()

    /// Raises the soft limit to the hard one: of tests that run at once, several hold hundreds of connections, both
    /// ends of them.
    static func raiseLimit() { raised }
}
