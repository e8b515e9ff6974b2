package import GatewayAPI

/// How much one text may ask of its reader. Resources are far below; what is above is refused as a whole.
package struct YAMLLimits: Sendable {
    /// Bytes of one text.
    package var bytes = 64 << 20
    /// Mappings and lists inside each other.
    package var depth = 64
    /// Values in one text, those that aliases repeat included.
    package var nodes = 4_000_000
    /// Values that aliases and merge keys may repeat in one text: what stops a "billion laughs".
    package var repeatedNodes = 100_000
    /// Documents in one text.
    package var documents = 100_000
    /// Members that repeat a key, kept of one document.
    package var droppedMembers = 64

    package init() {}
}

/// Why a text cannot be read.
package struct YAMLError: Error, Hashable {
    package var message: String
    /// 1-based; 0 when it is about the text as a whole.
    package var line: Int

    package init(_ message: String, line: Int = 0) {
        self.message = message
        self.line = line
    }
}

/// One document of a stream.
package struct YAMLDocument: Sendable {
    package var root: Node
    /// What makes the document unusable although its end could be found, as a duplicate key.
    package var defect: YAMLError?
    /// Members that repeat a key, which the document is without; the first of them.
    package var dropped: [Node.Entry]

    package init(root: Node, defect: YAMLError? = nil, dropped: [Node.Entry] = []) {
        self.root = root
        self.defect = defect
        self.dropped = dropped
    }
}
