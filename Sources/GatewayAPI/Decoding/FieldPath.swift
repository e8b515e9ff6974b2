/// Where a value sits in its object; put together only when something has to be said about it.
package indirect enum FieldPath: CustomStringConvertible {
    case root
    case field(FieldPath, String)
    case element(FieldPath, Int)
    /// A member whose name is no plain word, as an annotation's.
    case member(FieldPath, String)

    /// Another field of the same mapping.
    func sibling(_ name: String) -> FieldPath {
        switch self {
        case .root: .field(.root, name)
        case .field(let parent, _), .element(let parent, _), .member(let parent, _): .field(parent, name)
        }
    }

    /// As `spec.rules[2].backendRefs[0].weight`.
    package var description: String {
        switch self {
        case .root: ""
        case .field(.root, let name): name
        case .field(let parent, let name): "\(parent).\(name)"
        case .element(let parent, let index): "\(parent)[\(index)]"
        case .member(let parent, let name): "\(parent)[\(name)]"
        }
    }
}
