/// Everything of a server that its threads share.
struct ServerState {
    var store: Store
    var pages = ListPages()
    var log = RequestLog()
    var faults = Faults()
    /// Who is allowed in, by token; nil lets everybody in.
    var tokens: [String: TokenUser]?
    /// Answers of token reviews, besides `tokens`.
    var reviewedTokens: [String: TokenUser] = [:]
    var profile = ServerProfile(name: "current", minor: 34)
    /// What is listed of a kind instead of what is stored, by its resource.
    var generated: [String: GeneratedList] = [:]
    var isStopping = false
    /// Milliseconds that each page of a list takes.
    var pageDelay = 0
    /// Milliseconds between bookmarks of a watch that allows them.
    var bookmarkInterval = 60_000
    /// Open connections by number.
    var connections: [Int: any ByteStream] = [:]
    var nextNumber = 0

    mutating func number() -> Int {
        nextNumber += 1
        return nextNumber
    }
}

/// Whom a token speaks for.
package struct TokenUser: Sendable {
    package var name: String
    package var uid: String
    package var groups: [String]
    /// Whom the token is made for; nil: the API server itself.
    package var audience: String?

    package init(name: String, uid: String = "", groups: [String] = [], audience: String? = nil) {
        self.name = name
        self.uid = uid
        self.groups = groups
        self.audience = audience
    }

    /// A service account, as the server names it in token reviews.
    package static func serviceAccount(_ namespace: String, _ name: String, audience: String? = nil) -> TokenUser {
        TokenUser(
            name: "system:serviceaccount:\(namespace):\(name)", uid: "\(namespace)-\(name)",
            groups: ["system:serviceaccounts", "system:serviceaccounts:\(namespace)", "system:authenticated"],
            audience: audience)
    }
}
