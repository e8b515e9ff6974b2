/// Path values of routes, brought into the form that requests are matched in.
enum PathValue {
    /// nil when the value cannot be normalised: no request's path can equal it.
    static func exact(_ value: String) -> String? {
        PathNormalization.normalized(value)
    }

    /// The prefix without its trailing `/`, so that `/` is empty; nil when it cannot be normalised.
    static func prefix(_ value: String) -> String? {
        PathNormalization.normalized(value).map(trimmed)
    }

    static func trimmed(_ path: String) -> String {
        var path = path
        while path.hasSuffix("/") { path.removeLast() }
        return path
    }
}
