internal import Glibc

extension IptablesEnvironment {
    /// How long the legacy programs wait for another one's lock, seconds.
    private static let lockWait = "10"

    /// What every installed back end of the family holds.
    package func states(_ family: AddressFamily) -> [BackendState] {
        backends(family).map(state)
    }

    /// Reads one back end's nat table.
    package func state(_ backend: Backend) -> BackendState {
        // Reading through a legacy program would create the table; one that the kernel does not list holds nothing.
        if backend.kind == .legacy, KernelTables.legacyNATIsAbsent(backend.family) {
            return BackendState(backend)
        }
        do {
            let outcome = try Subprocess.run(backend.savePath, ["-t", "nat"], environment: variables)
            guard outcome.succeeded else { return BackendState(backend, failure: reason(backend, outcome)) }
            // nft rules made by others can be beyond what iptables can show; it says so and succeeds.
            guard !outcome.output.contains("is incompatible") else {
                return BackendState(backend, failure: "\(backend.name): the nat table holds rules of another tool")
            }
            return BackendState(backend, table: NATTable(parsing: outcome.output))
        } catch {
            return BackendState(backend, failure: "\(backend.name): \(error)")
        }
    }

    /// Hands one transaction to a back end.
    ///
    /// - Returns: nil when it was accepted; otherwise why not, and nothing has changed.
    package func apply(_ transaction: String, to backend: Backend) throws(InterceptError) -> String? {
        let arguments = ["--noflush"] + (backend.kind == .legacy ? ["--wait", IptablesEnvironment.lockWait] : [])
        let outcome = try Subprocess.run(
            backend.restorePath, arguments, environment: variables, input: transaction)
        return outcome.succeeded ? nil : reason(backend, outcome)
    }

    private func reason(_ backend: Backend, _ outcome: Subprocess.Outcome) -> String {
        let said = outcome.diagnostics.textLines.map { $0.trimmingBlanks() }.filter { !$0.isEmpty }
        return "\(backend.name) (exit \(outcome.status)): \(said.joined(separator: "; "))"
    }
}

/// What the kernel says about the calling thread's network namespace.
///
/// Through `/proc/thread-self`, because `/proc/net` would answer for the process's first thread.
package enum KernelTables {
    private static let maximumBytes = 256 * 1024

    static func legacyNATIsAbsent(_ family: AddressFamily) -> Bool {
        let path = family == .ipv4 ? "net/ip_tables_names" : "net/ip6_tables_names"
        switch SmallFile.read("/proc/thread-self/\(path)", limit: maximumBytes) {
        case .text(let text): return !text.textLines.contains("nat")
        case .absent: return true
        case .unreadable: return false
        }
    }

    /// Whether the namespace can carry IPv6: the kernel has it, and either an address is there or one may still come.
    package static func hasIPv6() -> Bool {
        guard case .text(let addresses) = SmallFile.read("/proc/thread-self/net/if_inet6", limit: maximumBytes) else {
            return false
        }
        if !addresses.isEmpty { return true }
        let switches = ["all", "default"].map {
            SmallFile.read("/proc/sys/net/ipv6/conf/\($0)/disable_ipv6", limit: maximumBytes)
        }
        return !switches.allSatisfy { $0 == .text("1\n") }
    }
}

/// Reading of kernel files.
enum SmallFile {
    enum Content: Equatable {
        case text(String)
        case absent
        case unreadable
    }

    /// The file's first `limit` bytes.
    static func read(_ path: String, limit: Int) -> Content {
        var descriptor: Int32
        repeat { descriptor = open(path, O_RDONLY | O_CLOEXEC) } while descriptor < 0 && errno == EINTR
        guard descriptor >= 0 else { return errno == ENOENT ? .absent : .unreadable }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while bytes.count < limit {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            if count < 0 { return .unreadable }
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        return .text(String(decoding: bytes.prefix(limit), as: UTF8.self))
    }
}
