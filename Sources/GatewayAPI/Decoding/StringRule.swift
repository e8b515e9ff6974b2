/// What a string field may say.
struct StringRule: Sendable {
    /// The rule the text breaks, as "must ..."; nil when it is sound.
    let brokenRule: @Sendable (String) -> String?

    static func when(_ isSound: @escaping @Sendable (String) -> Bool, _ rule: String) -> StringRule {
        StringRule { isSound($0) ? nil : rule }
    }

    static func oneOf(_ values: [String]) -> StringRule {
        when({ values.contains($0) }, "must be one of \(values.joined(separator: ", "))")
    }

    static func length(_ range: ClosedRange<Int>) -> StringRule {
        when({ range.contains($0.utf8.count) }, "must have \(range.lowerBound) to \(range.upperBound) characters")
    }

    static let any = StringRule { _ in nil }
    static let subdomain = when(
        { ResourceName.isSubdomain($0) },
        "must be 1 to 253 lower-case letters, digits, - or ., beginning and ending with a letter or digit")
    static let label = when(
        { ResourceName.isLabel($0) },
        "must be 1 to 63 lower-case letters, digits or -, beginning and ending with a letter or digit")
    static let group = when({ ResourceName.isGroup($0) }, "must be empty or a DNS name in lower case")
    static let kind = when(
        { ResourceName.isKind($0) }, "must be 1 to 63 letters, digits or -, beginning with a letter")
    static let referenceName = length(1...253)
    static let hostname = when({ Hostname.isValid($0.lowercased()) }, Hostname.rule)
    static let preciseHostname = when({ Hostname.isPrecise($0.lowercased()) }, Hostname.preciseRule)
    static let headerName = when({ FieldSyntax.isName($0) }, FieldSyntax.nameRule)
    static let headerValue = when({ FieldSyntax.isValue($0) }, FieldSyntax.valueRule)
}
