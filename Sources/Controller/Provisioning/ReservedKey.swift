internal import Injection

/// Names of labels and annotations that whoever writes a Gateway does not set on what is made for it: Weir's own, and
/// those by which the kubelet runs a container less confined than its security context says.
enum ReservedKey {
    private static let prefixes = [
        InjectionNames.prefix, "container.apparmor.security.beta.kubernetes.io/",
        "container.seccomp.security.alpha.kubernetes.io/", "seccomp.security.alpha.kubernetes.io/",
    ]

    static func contains(_ key: String) -> Bool { prefixes.contains { key.hasPrefix($0) } }
}

extension [String: String] {
    /// Without names that are not the user's to set.
    var withoutReservedKeys: [String: String] { filter { !ReservedKey.contains($0.key) } }
}
