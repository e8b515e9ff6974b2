internal import GatewayAPI

/// Objects one after another, with or without line breaks between them, as `jq -c` and `kubectl get -o json` in a loop
/// write them; each with the lines it is written on, for people.
struct JSONStream {
    private(set) var documents: [YAMLDocument] = []
    /// Values read, those before it included.
    private(set) var nodes: Int
    /// Why it is not read to its end, in the line where reading stopped.
    private(set) var failure: YAMLError?

    /// - Parameters:
    ///   - line: of the first byte.
    ///   - nodes: values read before, which count against the limits.
    init(_ bytes: ArraySlice<UInt8>, line: Int, limits: YAMLLimits, nodes: Int) {
        var jsonLimits = JSONLimits()
        jsonLimits.depth = limits.depth
        jsonLimits.nodes = limits.nodes
        var parser = JSONParser(limits: jsonLimits, firstLine: line, nodes: nodes)
        let input = bytes.span
        do throws(JSONError) {
            while let root = try parser.next(input) {
                documents.append(YAMLDocument(root: root, defect: parser.takeRepeatedKey()))
            }
        } catch {
            failure = YAMLError(error.message, line: parser.line)
        }
        self.nodes = parser.nodes
    }
}
