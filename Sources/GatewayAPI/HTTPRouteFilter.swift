/// A filter of a rule or of one backendRef.
package enum HTTPRouteFilter: Hashable, Sendable {
    case requestHeaderModifier(HeaderModifier)
    case responseHeaderModifier(HeaderModifier)
    case requestRedirect(RequestRedirect)
    case urlRewrite(URLRewrite)
    /// A type this version does not know or does not implement, or one whose fields are unusable: never skipped,
    /// the rule (or the backend's share) answers 500.
    case unusable(type: String, reason: String)

    /// Refused, and reported, when it was read.
    package var isUnusable: Bool {
        if case .unusable = self { true } else { false }
    }
}

package struct HeaderModifier: Hashable, Sendable {
    package struct Field: Hashable, Sendable {
        /// As written (case is kept for the wire).
        package var name: String
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package var set: [Field]
    package var add: [Field]
    package var remove: [String]

    package init(set: [Field] = [], add: [Field] = [], remove: [String] = []) {
        self.set = set
        self.add = add
        self.remove = remove
    }
}

package enum PathModifier: Hashable, Sendable {
    case replaceFullPath(String)
    case replacePrefixMatch(String)
}

package struct RequestRedirect: Hashable, Sendable {
    /// `http` or `https` as written; nil keeps the request's.
    package var scheme: String?
    package var hostname: String?
    package var path: PathModifier?
    package var port: UInt16?
    package var statusCode: Int

    package init(
        scheme: String? = nil, hostname: String? = nil, path: PathModifier? = nil, port: UInt16? = nil,
        statusCode: Int = 302
    ) {
        self.scheme = scheme
        self.hostname = hostname
        self.path = path
        self.port = port
        self.statusCode = statusCode
    }
}

package struct URLRewrite: Hashable, Sendable {
    package var hostname: String?
    package var path: PathModifier?

    package init(hostname: String? = nil, path: PathModifier? = nil) {
        self.hostname = hostname
        self.path = path
    }
}
