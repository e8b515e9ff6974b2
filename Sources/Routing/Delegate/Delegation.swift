internal import GatewayAPI

/// Route delegation: the words it is written in. A parent's backendRef names other HTTPRoutes in one of three forms.
enum Delegation {
    static let group = "delegation.kgateway.dev"
    /// Children carry this label; the label form of a reference names its value.
    static let label = "delegation.kgateway.dev/label"
    static let inheritAnnotation = "delegation.kgateway.dev/inherit-parent-matcher"
    /// Stands for every namespace in the label form.
    static let everyNamespace = "all"
    private static let anyName = "*"

    enum Form: Hashable {
        case name(String)
        /// Every HTTPRoute of the namespace.
        case wildcard
        case label(String)

        /// nil when the reference does not name HTTPRoutes.
        init?(_ reference: BackendReference) {
            switch (reference.group, reference.kind) {
            case (GroupName.gatewayAPI, "HTTPRoute"):
                self = reference.name.isEmpty || reference.name == anyName ? .wildcard : .name(reference.name)
            case (Delegation.group, "label"):
                self = .label(reference.name)
            default:
                return nil
            }
        }
    }

    /// What keeps a reference that seems to be meant for HTTPRoutes from naming any.
    static func missing(in reference: BackendReference) -> String? {
        let kind = reference.kind.lowercased()
        if kind == "httproute" {
            return reference.group == GroupName.gatewayAPI
                ? "kind must be HTTPRoute" : "the reference needs group: \(GroupName.gatewayAPI)"
        }
        if reference.group == group { return "by label the reference needs kind: label" }
        return kind == "label" ? "by label the reference needs group: \(group)" : nil
    }

    /// Whether a child's matches are laid below its parent's instead of repeating them.
    static func inheritsParentMatcher(_ route: HTTPRoute) -> Bool {
        switch route.metadata.annotations[inheritAnnotation]?.lowercased() {
        case "true", "yes", "enabled": true
        default: false
        }
    }

    /// Whether a parentRef of the route offers it to `parent`: group and kind have to be written out.
    static func offers(_ reference: ParentReference, of route: HTTPRoute, to parent: ObjectKey) -> Bool {
        reference.defect == nil && reference.isExplicit && reference.target == .route && reference.name == parent.name
            && (reference.namespace ?? route.metadata.key.namespace) == parent.namespace
    }

    /// A child without parentRefs serves any parent, one with them only those it names.
    static func isEligible(_ route: HTTPRoute, for parent: ObjectKey) -> Bool {
        route.parentRefs.isEmpty || route.parentRefs.contains { offers($0, of: route, to: parent) }
    }

    /// Whether any rule of `parent` names or selects the route, eligible or not.
    static func selects(_ route: HTTPRoute, in parent: HTTPRoute) -> Bool {
        parent.rules.contains { rule in
            rule.backendRefs.contains { selects(route, by: $0, in: parent.metadata.key.namespace) }
        }
    }

    private static func selects(_ route: HTTPRoute, by reference: BackendReference, in parents: String) -> Bool {
        let key = route.metadata.key
        let namespace = reference.namespace ?? parents
        switch Form(reference) {
        case .name(let name): return key == ObjectKey(namespace: namespace, name: name)
        case .wildcard: return key.namespace == namespace
        case .label(let value):
            return route.metadata.labels[label] == value && [key.namespace, everyNamespace].contains(namespace)
        case nil: return false
        }
    }

    /// Under which reference the status of a child speaks of this parent.
    static func parentReference(of child: HTTPRoute, to parent: ObjectKey) -> ParentReference {
        child.parentRefs.first { offers($0, of: child, to: parent) }
            ?? ParentReference(
                group: GroupName.gatewayAPI, kind: "HTTPRoute", namespace: parent.namespace, name: parent.name)
    }
}

/// What a wildcard or label reference selects from.
enum ChildSelection: Hashable {
    case all(namespace: String)
    /// nil namespace: every one.
    case label(String, namespace: String?)

    /// nil: every one.
    var namespace: String? {
        switch self {
        case .all(let namespace): namespace
        case .label(_, let namespace): namespace
        }
    }
}

/// The routes of one selection, by whom they serve, so that a parent meets only those that may be its children.
struct ChildCandidates {
    /// Without parentRefs; in order of their keys.
    private(set) var open: [ObjectKey] = []
    private(set) var offered: [ObjectKey: [ObjectKey]] = [:]
    private(set) var count = 0

    mutating func add(_ route: HTTPRoute) {
        count += 1
        let key = route.metadata.key
        if route.parentRefs.isEmpty {
            open.append(key)
            return
        }
        for reference in route.parentRefs {
            let parent = ObjectKey(namespace: reference.namespace ?? key.namespace, name: reference.name)
            if Delegation.offers(reference, of: route, to: parent) { offered[parent, default: []].appendOnce(key) }
        }
    }

    /// In order of their keys.
    func eligible(for parent: ObjectKey) -> [ObjectKey] {
        guard let own = offered[parent] else { return open }
        return (open + own).sorted()
    }
}

/// One child below one parent, for the status of the child.
struct ChildUse: Hashable {
    var child: ObjectKey
    var parent: ObjectKey
    var kind: ParentKind

    static func precedes(_ a: ChildUse, _ b: ChildUse) -> Bool {
        if a.child != b.child { return a.child < b.child }
        if a.parent != b.parent { return a.parent < b.parent }
        return a.kind == .gateway && b.kind == .mesh
    }
}

/// What became of a child below one parent, over all the chains that lead there.
struct ChildOutcome {
    /// Matches that lie inside the parent's, as rule and match positions.
    struct Used: Hashable {
        var rule: Int
        var match: Int
    }

    var refusal: AttachRefusal?
    var used: Set<Used> = []
    /// What to write so that an expression counts as inside.
    var advice: [Used: String] = [:]
}
