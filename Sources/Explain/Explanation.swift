package import GatewayAPI

/// What becomes of one request, and why. A plain value: `text` and `json` say the same.
package struct Explanation: Sendable {
    package var request: String
    package var outcome: Outcome
    package var frontend: Frontend?
    package var rule: Rule?
    package var backends: [Share] = []
    /// Why it is so, in the order of the decisions.
    package var reasons: [String] = []
    /// After a 404: what came closest, closest first.
    package var nearest: [NearMiss] = []
    /// What is wrong with the objects that take part, or wanted to.
    package var problems: [Problem] = []
    /// As a problem's: kinds of which an object more could be all it takes for another answer.
    package var dependsOn: ResourceKinds = []
    /// What follows an answer that is not certain, as `; not certain, Gateways were not looked at`; empty when it is.
    /// For whoever knows what was not read.
    package var doubt = ""

    package enum Outcome: Hashable, Sendable {
        case forwarded
        /// Shares of the rule fare differently; `backends` has each.
        case mixed
        case redirected(status: Int, location: String)
        /// The proxy answers by itself.
        case answered(status: Int, reason: String)
        /// Not HTTP by declaration: bytes are passed on, and no route looks at them.
        case passedAsBytes
        /// The connection ends before a request is read.
        case refused(String)
        /// There is no such frontend.
        case noFrontend(String)
    }

    package struct Frontend: Hashable, Sendable {
        /// `Gateway infra/edge` or `Service shop/cart`.
        package var object: String
        package var listener: String?
        package var port: UInt16
        package var hostname: String?
        /// Routes decide; else requests are forwarded as they are.
        package var isRouted: Bool
        /// How the port's bytes are read: http, detect or opaque.
        package var appProtocol: String
        package var matches: Int
        /// Whose routes apply: `producer` or `consumer`; nil for a Gateway.
        package var routes: String?
    }

    package struct Rule: Hashable, Sendable {
        /// Root first; more than one when delegated.
        package var chain: [ObjectKey]
        package var index: Int
        package var name: String?
        package var match: Match?
        /// One line each.
        package var filters: [String]
        /// Milliseconds; nil is none.
        package var requestTimeout: UInt64?
        package var backendRequestTimeout: UInt64?
    }

    package struct Match: Hashable, Sendable {
        /// Position in the owning rule.
        package var index: Int
        package var hostnames: [String]
        /// `path PathPrefix /a`, `method GET`, `header x: y`, ...
        package var conditions: [String]
    }

    /// One weighted part of a rule, or plain forwarding.
    package struct Share: Hashable, Sendable {
        package enum Result: Hashable, Sendable {
            case forwarded
            case answered(status: Int, reason: String)
            case redirected(status: Int, location: String)
        }

        /// `Service shop/cart:80`, `Backend shop/api`; nil when the share leads nowhere.
        package var backend: String?
        package var weight: UInt32
        /// Of all weights, in percent.
        package var percent: Double
        package var result: Result
        /// `address:port`, ready ones.
        package var endpoints: [String]
        /// `name:port` of DNS hosts, which a serving proxy resolves.
        package var names: [String]
        /// Host and target that the endpoint sees, when they differ from the client's.
        package var host: String?
        package var target: String?
        /// Of this share alone, one line each.
        package var filters: [String]
    }

    package struct NearMiss: Hashable, Sendable {
        package var chain: [ObjectKey]
        package var rule: Int
        package var ruleName: String?
        package var match: Int
        package var failures: [Failure]
    }

    package struct Failure: Hashable, Sendable {
        /// `path`, `hostname`, `method`, `header` or `query`.
        package var condition: String
        /// What the match asks for.
        package var wanted: String
        /// What the request has, in words.
        package var found: String
    }

    /// Whether the request reached a frontend at all.
    package var hasFrontend: Bool {
        if case .noFrontend = outcome { false } else { true }
    }
}
