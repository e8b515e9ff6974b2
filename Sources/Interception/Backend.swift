/// The two implementations of iptables. Each sees its own rules only, and the kernel runs both.
package enum BackendKind: String, Sendable, CaseIterable {
    /// iptables over nf_tables.
    case nft
    /// The older x_tables in the kernel.
    case legacy
}

/// The programs of one back end for one family.
package struct Backend: Equatable, Sendable {
    package let family: AddressFamily
    package let kind: BackendKind
    let savePath: String
    let restorePath: String

    /// As the operator knows it: `iptables-nft`, `ip6tables-legacy`.
    package var name: String { "\(family == .ipv4 ? "iptables" : "ip6tables")-\(kind.rawValue)" }
}

/// What one back end holds at the moment.
package struct BackendState: Equatable, Sendable {
    package let backend: Backend
    package let table: NATTable
    /// Why its table could not be read; nil when it could.
    package let failure: String?

    package init(_ backend: Backend, table: NATTable = NATTable(), failure: String? = nil) {
        self.backend = backend
        self.table = table
        self.failure = failure
    }

    package var isUsable: Bool { failure == nil }
}

extension BackendState {
    /// Usable back ends, the best one first:
    ///
    /// 1. one that already holds rules of Weir (reinstalling must not move them);
    /// 2. one whose nat table somebody already uses (order among rules is kept within one back end only);
    /// 3. nft, then legacy (kernels drop x_tables, and nft changes are atomic for every table).
    package static func preferred(_ states: [BackendState]) -> [BackendState] {
        func rank(_ state: BackendState) -> Int {
            let use = state.table.holdsWeir ? 0 : state.table.isInUse ? 2 : 4
            return use + (state.backend.kind == .nft ? 0 : 1)
        }
        return states.filter(\.isUsable).sorted { rank($0) < rank($1) }
    }
}
