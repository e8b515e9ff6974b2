/// One event of the parser, freed of C.
enum YAMLEvent {
    case streamStart
    case streamEnd
    case documentStart
    case documentEnd
    case alias(String)
    case scalar(YAMLScalar)
    case sequenceStart(anchor: String?)
    case sequenceEnd
    case mappingStart(anchor: String?)
    case mappingEnd
}

struct YAMLScalar {
    var text: String
    /// Written without quotes, so that it may mean something else than a string.
    var isPlain: Bool
    var tag: String?
    var anchor: String?
}
