internal import Glibc

/// Where the programs are and what surrounds their running.
package struct IptablesEnvironment: Sendable {
    /// Looked through in order. Not $PATH: the programs run with NET_ADMIN.
    package static let programFolders = [
        "/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/bin", "/bin", "/usr/local/bin",
    ]

    package let folders: [String]

    package init(folders: [String] = programFolders) { self.folders = folders }

    /// The child's whole environment. The lock file's place is passed on, since /run may be read-only in a container.
    var variables: [String] {
        let fixed = ["PATH=" + IptablesEnvironment.programFolders.joined(separator: ":"), "LC_ALL=C"]
        guard let lock = getenv("XTABLES_LOCKFILE") else { return fixed }
        return fixed + ["XTABLES_LOCKFILE=" + String(cString: lock)]
    }

    /// The back ends of a family that are installed: `iptables-nft` and `iptables-legacy` by name, and plain `iptables`
    /// for whichever of the two it is, if that one has no name of its own here.
    package func backends(_ family: AddressFamily) -> [Backend] {
        let base = family == .ipv4 ? "iptables" : "ip6tables"
        var found = BackendKind.allCases.compactMap { kind in
            backend(family, kind, prefix: "\(base)-\(kind.rawValue)")
        }
        if found.count < BackendKind.allCases.count, let kind = plainKind(base),
            !found.contains(where: { $0.kind == kind }), let plain = backend(family, kind, prefix: base)
        {
            found.append(plain)
        }
        return found
    }

    private func backend(_ family: AddressFamily, _ kind: BackendKind, prefix: String) -> Backend? {
        guard let save = program("\(prefix)-save"), let restore = program("\(prefix)-restore") else { return nil }
        return Backend(family: family, kind: kind, savePath: save, restorePath: restore)
    }

    private func program(_ name: String) -> String? {
        folders.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }

    /// What plain `iptables` says it is; releases before 1.8 had only legacy and said nothing.
    private func plainKind(_ base: String) -> BackendKind? {
        guard let path = program("\(base)-restore"),
            let outcome = try? Subprocess.run(path, ["--version"], environment: variables), outcome.succeeded
        else { return nil }
        return outcome.output.contains("nf_tables") ? .nft : .legacy
    }
}
