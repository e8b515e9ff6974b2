/// Tells of an object's labels and annotations those that look like Weir's and have no effect.
struct KeyCheck {
    /// As in `KnownKeys`.
    let kind: String
    let context: DecodingContext
    /// Of objects that are not read any further, values that are no text are told here.
    var tellsTypes = false

    /// Keys looked at of one object: a hostile one has as many as it likes.
    private static let maximumKeys = 256

    /// - Parameter metadata: of the object, or of a pod template in it.
    func check(_ metadata: Node?, at path: FieldPath) {
        for place in [KnownKeys.Place.label, .annotation] {
            for entry in (metadata?[place.rawValue]?.members ?? []).prefix(Self.maximumKeys) {
                check(entry, place, at: .member(.field(path, place.rawValue), entry.key))
            }
        }
    }

    private func check(_ entry: Node.Entry, _ place: KnownKeys.Place, at path: FieldPath) {
        guard entry.key.utf8.count <= LabelSyntax.longestKey, let slash = entry.key.firstIndex(of: "/"),
            let domain = Self.domain(meantBy: String(entry.key[..<slash]))
        else { return }
        let namesakes = KnownKeys.all.filter { $0.name == entry.key }
        guard let key = namesakes.first(where: { $0.place == place && $0.kinds.contains(kind) }) else {
            let meant = Self.meant(by: entry.key[entry.key.index(after: slash)...], of: domain)
            guard meant != nil || isOurs(entry.key, domain, place) else { return }
            return tell(entry, unknown(place, namesakes, meant), at: path, id: .unknownAnnotation)
        }
        if tellsTypes, entry.value.stringValue == nil, !entry.value.isNull {
            context.error(
                path, entry.value.text,
                "must be a string, not \(entry.value.typeName)\(entry.value.quotingAdvice)", line: entry.value.line,
                id: .wrongType)
        } else if key.isUnserved {
            context.warning(
                path, entry.value.text, "is read by kgateway, not by Weir; it has no effect", line: entry.value.line,
                id: .unservedAnnotation)
        } else if kind != "Pod", let values = key.values, let text = entry.value.stringValue,
            !values.contains(text.lowercased())
        {
            tell(entry, "must be one of \(values.joined(separator: ", "))", at: path, id: .invalidAnnotation)
        }
    }

    private func tell(_ entry: Node.Entry, _ message: String, at path: FieldPath, id: ProblemID) {
        context.ignored(path, entry.value.text, message, line: entry.value.line, id: id)
    }

    /// Listeners select Namespaces by labels of any name, ours included.
    private func isOurs(_ key: String, _ domain: String, _ place: KnownKeys.Place) -> Bool {
        key.hasPrefix(domain + "/") && !(place == .label && kind == ResourceKind.namespace.rawValue)
    }

    private func unknown(_ place: KnownKeys.Place, _ namesakes: [KnownKeys.Key], _ meant: String?) -> String {
        if let same = namesakes.first(where: { $0.kinds.contains(kind) }) {
            return same.place == .label ? "is a label, not an annotation" : "is an annotation, not a label"
        }
        guard namesakes.isEmpty else {
            let kinds = Set(namesakes.flatMap(\.kinds)).sorted().map { $0 == "Pod" ? "Pods and their templates" : $0 }
            return "has a meaning on \(kinds.joined(separator: ", ")) only"
        }
        return "is no \(place == .label ? "label" : "annotation") that is known" + (meant.map { " (\($0) is)" } ?? "")
    }

    /// The key of the domain that was probably meant.
    private static func meant(by name: Substring, of domain: String) -> String? {
        let names = KnownKeys.all.map(\.name).filter { $0.hasPrefix(domain + "/") }.map {
            $0.dropFirst(domain.count + 1)
        }
        return Spelling.nearest(to: String(name), among: names.map(String.init)).map { "\(domain)/\($0)" }
    }

    /// The domain of ours that is written, but for one mistake at most.
    private static func domain(meantBy domain: String) -> String? {
        if KnownKeys.domains.contains(domain) { return domain }
        return Spelling.nearest(to: domain, among: KnownKeys.domains, mistakes: 1)
    }
}
