/// The labels of a pod as the downward API writes them into a file (`fieldRef: metadata.labels`): `key="value"` lines,
/// the value quoted as Go quotes strings. With it a sidecar need not be allowed to read Pods.
package struct PodLabelsFile: Hashable, Sendable {
    package let path: String
    /// How often it is looked at, in nanoseconds.
    let interval: UInt64

    package init(path: String, interval: UInt64 = ClusterLimits.podLabelsInterval) {
        self.path = path
        self.interval = interval
    }

    /// - Throws: `ConfigurationError` when it cannot be read, is too large, or has a line that is no label: which
    ///   Services are the pod's own is then unclear.
    func read() throws(ConfigurationError) -> [String: String] {
        let contents: [UInt8]?
        do throws(FileError) {
            contents = try FileSystem.read(path, maximum: ClusterLimits.podLabelsBytes).bytes
        } catch {
            throw ConfigurationError(path, error.message)
        }
        guard let contents else {
            throw ConfigurationError(path, "has more than the \(ClusterLimits.podLabelsBytes) bytes allowed")
        }
        var labels: [String: String] = [:]
        for (position, line) in contents.split(separator: UInt8(ascii: "\n")).enumerated() {
            guard let label = Self.label(line) else {
                throw ConfigurationError(path, "label \(position + 1) is not of the form key=\"value\"")
            }
            labels[label.key] = label.value
        }
        return labels
    }

    /// What a label may consist of needs no escapes but those of the quotes themselves, so others are no label.
    private static func label(_ line: ArraySlice<UInt8>) -> (key: String, value: String)? {
        let quote = UInt8(ascii: "\"")
        let backslash = UInt8(ascii: "\\")
        guard let sign = line.firstIndex(of: UInt8(ascii: "=")), sign > line.startIndex else { return nil }
        let quoted = line[line.index(after: sign)...]
        guard quoted.count >= 2, quoted.first == quote, quoted.last == quote else { return nil }
        var value: [UInt8] = []
        var isEscaped = false
        for byte in quoted.dropFirst().dropLast() {
            if isEscaped {
                guard byte == quote || byte == backslash else { return nil }
                value.append(byte)
                isEscaped = false
            } else if byte == backslash {
                isEscaped = true
            } else {
                guard byte != quote, byte >= 0x20 else { return nil }
                value.append(byte)
            }
        }
        guard !isEscaped, let key = String(validating: line[..<sign], as: UTF8.self),
            let text = String(validating: value, as: UTF8.self)
        else { return nil }
        return (key, text)
    }
}
