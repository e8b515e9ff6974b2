package import GatewayAPI

/// Why no request can ever have a path, as the end of a sentence about its value.
package struct ImpossiblePath: Error {
    package var reason: String
}

extension PathMatch {
    /// The match in the form in which requests are compared: two that mean the same paths by the same kind are equal
    /// then.
    ///
    /// A prefix loses its trailing slashes, an expression is written as `PathExpressionNormalForm` says.
    package func normalForm() throws(ImpossiblePath) -> PathMatch {
        switch kind {
        case .exact: return PathMatch(.exact, try Self.normalized(value))
        case .prefix:
            let trimmed = PathValue.trimmed(try Self.normalized(value))
            return PathMatch(.prefix, trimmed.isEmpty ? "/" : trimmed)
        case .regularExpression:
            return PathMatch(.regularExpression, try PathExpressionNormalForm.of(value))
        }
    }

    private static func normalized(_ value: String) throws(ImpossiblePath) -> String {
        // A request target ends its path there.
        if let end = value.first(where: { $0 == "?" || $0 == "#" }) {
            throw ImpossiblePath(reason: "has a \(end), which no path has")
        }
        do throws(PathNormalization.Refusal) {
            return try PathNormalization.normalForm(of: value)
        } catch {
            throw ImpossiblePath(reason: "\(error.explanation): a request with such a path is answered 400")
        }
    }
}

extension PathNormalization.Refusal {
    /// The end of a sentence about the path.
    package var explanation: String {
        switch self {
        case .notAbsolute: "does not begin with /"
        case .malformedEscape: "has a % without two hexadecimal digits"
        case .nulByte: "has %00"
        case .backslash: "has a backslash"
        case .controlByte: "has a control byte"
        case .aboveRoot: "climbs above the root"
        case .hiddenDotSegment: "hides a dot segment behind ;, %2F or %5C"
        case .parameters: "has path parameters (;), which \(PathRules.parametersAnnotation) refuses"
        case .encodedSlash: "has an encoded slash (%2F, %5C), which \(PathRules.encodedSlashesAnnotation) refuses"
        }
    }
}
