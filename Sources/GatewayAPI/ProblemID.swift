/// The kind of a mistake. Every instance of it has the same id, in every version: programs, notes in manifests and
/// docs/check.md, which lists all of them, go by it. A number that has been given is never given again; 0 was that of
/// mistakes without one.
package enum ProblemID: UInt16, Hashable, Sendable, CaseIterable, CustomStringConvertible {
    // MARK: Reading
    /// A file, folder or kind that cannot be read, or a text that cannot be parsed.
    case unreadableSource = 1
    /// A document that is no Kubernetes object.
    case notAnObject = 2
    /// The same object twice.
    case declaredTwice = 3
    /// What an object said before is served on.
    case lastGoodInUse = 4
    /// What the caller has no right to read.
    case notLookedAt = 5
    /// Problems that are not shown because there are too many.
    case moreProblems = 6
    /// A folder whose changes are not told: it is looked at now and then.
    case notWatched = 7
    /// Files without any object that is read.
    case nothingFound = 8

    // MARK: Kinds, fields, annotations
    case unknownField = 101
    /// A field of the standard that is not served.
    case unservedField = 102
    case missingField = 103
    case wrongType = 104
    case invalidValue = 105
    /// More entries than the standard allows.
    case beyondLimit = 106
    /// Fields that must not stand together.
    case fieldsDisagree = 107
    case unknownKind = 108
    /// A kind that is known and not served.
    case unservedKind = 109
    case unknownVersion = 110
    /// A filter of a type that is not served, or that does not exist.
    case unservedFilter = 111
    /// An annotation or label of a prefix of ours that nothing reads.
    case unknownAnnotation = 112
    /// A value of an annotation or label that means nothing.
    case invalidAnnotation = 113
    /// An annotation that others read and Weir does not.
    case unservedAnnotation = 114
    /// A header field that no route may change.
    case reservedHeader = 115
    /// An annotation that has no effect where it stands.
    case idleAnnotation = 116

    // MARK: References and attachment
    /// A reference to an object that does not exist.
    case missingTarget = 201
    /// A reference without the ReferenceGrant that it needs.
    case notPermitted = 202
    /// A reference to a kind that cannot stand there.
    case wrongTargetKind = 203
    /// A parent that takes no such route.
    case notAttached = 204
    /// A route that nothing leads to.
    case unservedRoute = 205
    /// A target that exists and cannot be used.
    case unusableTarget = 206
    case noBackends = 207
    case zeroWeights = 208
    /// A Gateway or GatewayClass that is not ours, or has no class.
    case notOurs = 209

    // MARK: Listeners
    case listenerConflict = 301
    /// A listener that cannot be served, or serves less than it seems.
    case listenerUnserved = 302
    /// No certificate, or one that cannot be used.
    case certificate = 303
    /// Parameters of a Gateway or its class.
    case parameters = 304

    // MARK: Delegation
    /// A rule whose children are none.
    case noChild = 401
    /// A child that claims more than its parent's rule has.
    case childOutside = 402
    case delegationCycle = 403
    /// Deeper, or more, than delegation may be.
    case delegationLimit = 404
    /// A rule that cannot delegate.
    case cannotDelegate = 405

    // MARK: Matches
    case badExpression = 501
    /// No request can have this.
    case neverMatches = 502
    /// Other matches take all of its requests first.
    case shadowed = 503
    case duplicateMatch = 504
    /// Routes of several namespaces serve one hostname.
    case sharedHostname = 505
    /// A path whose `*` is no wildcard.
    case literalWildcard = 506

    // MARK: Services and endpoints
    case protocolDisagreement = 601
    /// A Service or port without an endpoint that is ready.
    case noEndpoints = 602
    /// An EndpointSlice that belongs to no Service, or a port of it that belongs to none of the Service's.
    case sliceUnused = 603
    /// What a Service asks of its guard and cannot have.
    case enforcement = 604
    /// A name or address that no proxy may call.
    case addressRefused = 605
    /// A Service that is closed because a route that is to guard it is not in force.
    case guardBroken = 606
    /// An EndpointSlice that lists a pod of another namespace.
    case foreignPod = 607

    // MARK: Policies
    /// A policy that is not carried out.
    case policyUnserved = 701

    // MARK: Budgets
    /// Beyond what one route, namespace or plan may cost.
    case budget = 801

    // MARK: Pods
    /// A pod that cannot be injected as it is.
    case pod = 901

    /// `WEIR` and four digits.
    package var description: String {
        let digits = String(rawValue)
        return "WEIR" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
