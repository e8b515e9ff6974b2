internal import CYAML

/// The one place that touches libyaml: hands out the events of one text.
///
/// Safe to use: the parser is owned, its events are copied out before they are freed; only `init` trusts its caller.
@safe struct YAMLEventReader: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    /// 1-based line of the last event's first character.
    private(set) var line = 0
    /// Lines of the text before the first byte.
    private let linesBefore: Int

    /// The bytes must outlive the reader.
    init(_ bytes: UnsafeBufferPointer<UInt8>, linesBefore: Int) throws(YAMLError) {
        self.linesBefore = linesBefore
        unsafe parser = .allocate(capacity: 1)
        guard unsafe yaml_parser_initialize(parser) == 1 else {
            unsafe parser.deallocate()
            throw YAMLError("no memory for a parser")
        }
        // Kubernetes text is UTF-8; libyaml checks every byte of it and would otherwise guess UTF-16.
        unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        unsafe yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
    }

    deinit {
        unsafe yaml_parser_delete(parser)
        unsafe parser.deallocate()
    }

    mutating func next() throws(YAMLError) -> YAMLEvent {
        var event = unsafe yaml_event_t()
        guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw unsafe failure(parser.pointee) }
        defer { unsafe yaml_event_delete(&event) }
        line = Int(unsafe event.start_mark.line) &+ linesBefore &+ 1
        return unsafe Self.convert(event)
    }

    private func failure(_ parser: yaml_parser_t) -> YAMLError {
        let problem = unsafe Self.string(parser.problem) ?? "cannot be parsed"
        let isReaderError = unsafe parser.error == YAML_READER_ERROR
        let line = unsafe isReaderError ? parser.mark.line : parser.problem_mark.line
        let context = unsafe Self.string(parser.context).map { " \($0)" } ?? ""
        return YAMLError(problem + context, line: Int(line) &+ linesBefore &+ 1)
    }

    private static func convert(_ event: yaml_event_t) -> YAMLEvent {
        switch unsafe event.type {
        case YAML_STREAM_START_EVENT: return .streamStart
        case YAML_DOCUMENT_START_EVENT: return .documentStart
        case YAML_DOCUMENT_END_EVENT: return .documentEnd
        case YAML_ALIAS_EVENT: return .alias(unsafe string(event.data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT: return .scalar(unsafe scalar(event))
        case YAML_SEQUENCE_START_EVENT: return .sequenceStart(anchor: unsafe string(event.data.sequence_start.anchor))
        case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
        case YAML_MAPPING_START_EVENT: return .mappingStart(anchor: unsafe string(event.data.mapping_start.anchor))
        case YAML_MAPPING_END_EVENT: return .mappingEnd
        default: return .streamEnd
        }
    }

    private static func scalar(_ event: yaml_event_t) -> YAMLScalar {
        let scalar = unsafe event.data.scalar
        let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
        return YAMLScalar(
            text: unsafe String(decoding: bytes, as: UTF8.self),
            isPlain: unsafe scalar.style == YAML_PLAIN_SCALAR_STYLE,
            tag: unsafe string(scalar.tag), anchor: unsafe string(scalar.anchor))
    }

    private static func string(_ text: UnsafePointer<yaml_char_t>?) -> String? {
        guard let text = unsafe text else { return nil }
        return unsafe String(cString: text)
    }

    private static func string(_ text: UnsafePointer<CChar>?) -> String? {
        guard let text = unsafe text else { return nil }
        return unsafe String(cString: text)
    }
}
