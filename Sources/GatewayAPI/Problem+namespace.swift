extension Problem {
    /// Whether it is about an object of the namespace, about the Namespace itself, or about what has no object: a file
    /// that cannot be read may hold anybody's.
    package func concerns(namespace: String) -> Bool {
        let words = object.split(separator: " ", maxSplits: 1)
        guard id != .unreadableSource, id != .notLookedAt, object != file, words.count == 2 else { return true }
        let name = words[1].split(separator: "/", maxSplits: 1)
        guard name.count == 2 else { return words[0] == "Namespace" && words[1] == namespace }
        return name[0] == namespace
    }
}
