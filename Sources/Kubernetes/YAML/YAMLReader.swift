/// Reads a stream of YAML (or JSON, which is YAML) documents the way Kubernetes does.
package enum YAMLReader {
    /// The documents of a text, empty ones left out.
    ///
    /// After an error of syntax the rest of the stream cannot be found again, so the text as a whole is refused.
    package static func documents(
        _ bytes: [UInt8], limits: YAMLLimits = YAMLLimits()
    ) throws(YAMLError) -> [YAMLDocument] {
        guard bytes.count <= limits.bytes else {
            throw YAMLError("has \(bytes.count) bytes, more than the \(limits.bytes) allowed")
        }
        let result = unsafe bytes.withUnsafeBufferPointer { buffer -> Result<[YAMLDocument], YAMLError> in
            do throws(YAMLError) {
                var builder = unsafe DocumentBuilder(try YAMLEventReader(buffer), limits: limits)
                return .success(try builder.stream())
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}
