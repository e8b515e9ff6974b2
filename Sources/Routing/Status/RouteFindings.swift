internal import GatewayAPI

/// Why a route may not attach through one parentRef, as the Accepted condition says it.
struct AttachRefusal {
    var reason: String
    var message: String
    /// As a problem's.
    var dependsOn: ResourceKinds
    /// As a problem's.
    var follows: [ProblemCause]

    init(
        _ reason: String, _ message: String, dependsOn: ResourceKinds = [], follows: [ProblemCause] = []
    ) {
        self.reason = reason
        self.message = message
        self.dependsOn = dependsOn
        self.follows = follows
    }
}

/// An entry of `status.parents` that waits for the findings of every expansion.
struct PendingParent {
    var route: ObjectKey
    var parentRef: ParentReference
    var kind: ParentKind
    var refusal: AttachRefusal?
}

/// What was found about a route's own references under one kind of parent.
struct RouteFindings {
    struct Reference: Hashable {
        var rule: Int
        var ref: Int
        var defect: ReferenceDefect
    }

    var references: Set<Reference> = []

    /// In document order: the first one's reason is the condition's.
    var ordered: [Reference] {
        references.sorted {
            ($0.rule, $0.ref, $0.defect.reason.rawValue, $0.defect.message)
                < ($1.rule, $1.ref, $1.defect.reason.rawValue, $1.defect.message)
        }
    }
}
