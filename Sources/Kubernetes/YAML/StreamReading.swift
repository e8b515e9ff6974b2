/// Reads one text, section by section where some are JSON.
struct StreamReading {
    private let bytes: [UInt8]
    private let limits: YAMLLimits
    private var spent = DocumentBuilder.Spent()
    private var read: [YAMLDocument] = []
    /// Sections that follow each other and are YAML, as far as they have not been read.
    private var pending: Pending?

    private struct Pending {
        var bytes: Range<Int>
        var line: Int
        /// Why sections that begin with braces are no JSON.
        var failures: [JSONFailure] = []
    }

    private struct JSONFailure {
        var error: YAMLError
        /// Something in it is JSON without doubt: an object before, or a key in quotes.
        var isEvident: Bool
        /// Of the section.
        var firstLine: Int
    }

    init(_ bytes: [UInt8], limits: YAMLLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    mutating func documents() throws(YAMLError) -> [YAMLDocument] {
        let split = DocumentSections(bytes)
        guard !split.hasDirectives else {
            pending = Pending(bytes: bytes.indices, line: 1)
            try readPending()
            return read
        }
        for section in split.sections {
            if let braces = section.braces {
                try readJSON(section, from: braces)
            } else {
                put(section, nil)
            }
        }
        try readPending()
        return read
    }

    private mutating func readJSON(
        _ section: DocumentSections.Section, from start: (offset: Int, line: Int)
    ) throws(YAMLError) {
        let text = bytes[start.offset..<section.bytes.upperBound]
        let stream = JSONStream(text, line: start.line, limits: limits, nodes: spent.nodes)
        if let error = stream.failure {
            let isEvident = !stream.documents.isEmpty || Self.hasQuotedKey(text)
            return put(section, JSONFailure(error: error, isEvident: isEvident, firstLine: section.line))
        }
        try readPending()
        spent.nodes = stream.nodes
        spent.documents += stream.documents.count
        guard spent.documents <= limits.documents else {
            throw YAMLError("has more than the \(limits.documents) documents allowed", line: section.line)
        }
        read += stream.documents
    }

    private mutating func put(_ section: DocumentSections.Section, _ failure: JSONFailure?) {
        var run = pending ?? Pending(bytes: section.bytes, line: section.line)
        run.bytes = run.bytes.lowerBound..<section.bytes.upperBound
        if let failure { run.failures.append(failure) }
        pending = run
    }

    private mutating func readPending() throws(YAMLError) {
        guard let run = pending else { return }
        pending = nil
        let (limits, spent) = (limits, spent)
        let result = unsafe bytes[run.bytes].withUnsafeBufferPointer { buffer in
            unsafe Self.yaml(buffer, linesBefore: run.line - 1, limits, spent)
        }
        switch result {
        case .success(let (documents, spent)):
            read += documents
            self.spent = spent
        case .failure(let error):
            throw Self.cause(error, run.failures)
        }
    }

    private static func yaml(
        _ buffer: UnsafeBufferPointer<UInt8>, linesBefore: Int, _ limits: YAMLLimits, _ spent: DocumentBuilder.Spent
    ) -> Result<([YAMLDocument], DocumentBuilder.Spent), YAMLError> {
        do throws(YAMLError) {
            let events = unsafe try YAMLEventReader(buffer, linesBefore: linesBefore)
            var builder = DocumentBuilder(events, limits: limits, spent: spent)
            let documents = try builder.stream()
            return .success((documents, builder.spent))
        } catch {
            return .failure(error)
        }
    }

    /// A section that is neither JSON nor YAML is the one that its author meant: what got farther has understood more.
    private static func cause(_ error: YAMLError, _ failures: [JSONFailure]) -> YAMLError {
        guard let failure = failures.last(where: { $0.firstLine <= error.line }), failure.isEvident,
            failure.error.line >= error.line
        else { return error }
        return failure.error
    }

    /// `{"`, whatever blanks are between.
    private static func hasQuotedKey(_ text: ArraySlice<UInt8>) -> Bool {
        text.dropFirst().first { $0 > 0x20 } == UInt8(ascii: "\"")
    }
}
