internal import GatewayAPI
package import Interception
internal import Telemetry

/// Which families of rules must be there.
package enum ExpectedRules: String, Sendable, CaseIterable {
    /// None: a sidecar without redirection is as right as one with it.
    case none
    case ipv4
    /// Those of both, as far as the pod has both.
    case all

    var families: Set<AddressFamily> {
        switch self {
        case .none: []
        case .ipv4: [.ipv4]
        case .all: Set(AddressFamily.allCases)
        }
    }
}

/// What is known of the rules that redirect a pod's connections to the doors, judged from what looks at them come to.
/// Pure: asks nobody itself.
package struct RedirectRules: Sendable {
    package enum State: String, Sendable {
        case inPlace = "in place"
        /// Connections pass the proxy by.
        case missing
        /// Nobody has answered yet; or connections are redirected, but by rules that cannot be checked: those of a
        /// version that had nothing to check, or somebody else's.
        case unknown
        /// There are none, and none were expected.
        case none
    }

    /// The rules of one family that lead to one door.
    package struct Path: Hashable, Sendable, CustomStringConvertible {
        package var family: AddressFamily
        package var isInbound: Bool

        package var description: String { "\(family.rawValue) \(isInbound ? "inbound" : "outbound")" }

        static let all = AddressFamily.allCases.flatMap { family in
            [Path(family: family, isInbound: false), Path(family: family, isInbound: true)]
        }
    }

    /// What asking for one path came to.
    package enum Finding: Sendable {
        case redirected
        /// The connection went where it was made to.
        case direct
        /// No door answered: it says nothing about the rules.
        case unanswered
    }

    private let expected: Set<AddressFamily>
    /// Families of which rules have been found since the start.
    private var seen: Set<AddressFamily> = []
    /// Redirected connections up to the first look that found nothing; nil while something is found.
    private var redirectedBefore: UInt64? = 0

    package private(set) var state = State.unknown
    /// What is missing, if so.
    package private(set) var lacking: [Path] = []

    package init(expected: ExpectedRules) {
        self.expected = expected.families
    }

    /// Takes in what one look has found.
    ///
    /// - Parameters:
    ///   - findings: by path; one that is left out counts as unanswered.
    ///   - redirected: connections that came to the doors by redirection since the start.
    /// - Returns: whether anything differs from before.
    package mutating func judge(_ findings: [Path: Finding], redirected: UInt64) -> Bool {
        let before = (state, lacking)
        let found = Path.all.filter { findings[$0] == .redirected }
        let direct = Path.all.filter { findings[$0] == .direct }
        guard !found.isEmpty || !direct.isEmpty else { return false }
        seen.formUnion(found.map(\.family))
        let wanted = expected.union(seen)
        lacking = direct.filter { wanted.contains($0.family) }
        if !found.isEmpty {
            redirectedBefore = nil
            state = lacking.isEmpty ? .inPlace : .missing
        } else {
            // What was redirected just before the rules went must not count for rules that are there.
            let baseline = redirectedBefore ?? redirected
            redirectedBefore = baseline
            // Rules that could be checked once are not an older version's: what still comes by the rest of them proves
            // nothing.
            let areOthers = seen.isEmpty && redirected > baseline
            state = areOthers ? .unknown : wanted.isEmpty ? .none : .missing
            if state != .missing { lacking = [] }
        }
        return before != (state, lacking)
    }

    /// Nil where it cannot be told, or is nobody's concern.
    package var areInPlace: Bool? {
        switch state {
        case .inPlace: true
        case .missing: false
        case .unknown, .none: nil
        }
    }

    /// As `/status` and `/snapshot` show it.
    var json: JSONText {
        .object([
            ("state", .string(state.rawValue)), ("lacking", .array(lacking.map { .string($0.description) })),
        ])
    }
}
