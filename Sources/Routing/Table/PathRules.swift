/// What becomes of path parameters (`;x=1`) and encoded slashes (`%2F`, `%5C`) in requests to one Gateway or Service.
///
/// Servers read them differently: some cut parameters off before they look at a path, some take encoded slashes for
/// separators. Where the servers behind do, the routes have to as well, or a request reaches what no rule meant it to.
package struct PathRules: BitwiseCopyable, Hashable, Sendable {
    /// In order of strictness, as is `EncodedSlashes`.
    package enum Parameters: UInt8, BitwiseCopyable, Sendable, CaseIterable {
        case keep
        /// `/a;x=1/b` is matched and forwarded as `/a/b`.
        case strip
        /// A path with `;` or `%3B` is answered 400.
        case refuse
    }

    package enum EncodedSlashes: UInt8, BitwiseCopyable, Sendable, CaseIterable {
        case keep
        /// `/a%2Fb` is matched and forwarded as `/a/b`, and so is `/a%5Cb`.
        case decode
        /// A path with one is answered 400.
        case refuse
    }

    package var parameters = Parameters.keep
    package var encodedSlashes = EncodedSlashes.keep

    package init(parameters: Parameters = .keep, encodedSlashes: EncodedSlashes = .keep) {
        self.parameters = parameters
        self.encodedSlashes = encodedSlashes
    }

    /// Everything is kept as written.
    package static let standard = PathRules()

    package var isStandard: Bool { parameters == .keep && encodedSlashes == .keep }

    /// For requests that two sets of rules are meant for: the stricter setting of each.
    package func united(with other: PathRules) -> PathRules {
        PathRules(
            parameters: parameters.rawValue > other.parameters.rawValue ? parameters : other.parameters,
            encodedSlashes: encodedSlashes.rawValue > other.encodedSlashes.rawValue
                ? encodedSlashes : other.encodedSlashes)
    }
}
