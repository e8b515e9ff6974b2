/// Reads a stream of YAML and JSON documents the way kubectl does: JSON where a document is JSON, one object after
/// another too, and YAML everywhere else.
package enum YAMLReader {
    /// The documents of a text, empty ones left out.
    ///
    /// After an error of syntax the rest of the stream cannot be found again, so the text as a whole is refused.
    package static func documents(
        _ bytes: [UInt8], limits: YAMLLimits = YAMLLimits()
    ) throws(YAMLError) -> [YAMLDocument] {
        try checkSize(bytes, limits)
        let text = try ManifestEncoding.utf8(bytes)
        try checkSize(text, limits)
        var reading = StreamReading(text, limits: limits)
        return try reading.documents()
    }

    private static func checkSize(_ bytes: [UInt8], _ limits: YAMLLimits) throws(YAMLError) {
        guard bytes.count <= limits.bytes else {
            throw YAMLError("has \(bytes.count) bytes, more than the \(limits.bytes) allowed")
        }
    }
}
