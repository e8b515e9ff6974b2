/// Writes the Prometheus text format, version 0.0.4.
package struct ExpositionWriter {
    package private(set) var bytes: [UInt8] = []
    private var hasLabels = false

    package init() {}

    mutating func family(_ description: MetricDescription) {
        family(description.name, description.kind.name, description.help)
    }

    package mutating func family(_ name: StaticString, _ type: StaticString, _ help: StaticString) {
        write("# HELP ")
        write(name)
        write(" ")
        write(help)
        write("\n# TYPE ")
        write(name)
        write(" ")
        write(type)
        write("\n")
    }

    package mutating func sample(_ name: StaticString, suffix: StaticString = "") {
        write(name)
        write(suffix)
        hasLabels = false
    }

    package mutating func label(_ name: StaticString, _ value: StaticString) {
        openLabel(name)
        write(value)
        write("\"")
    }

    /// Writes a label whose value may hold anything.
    package mutating func label(_ name: StaticString, _ value: String) {
        openLabel(name)
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): write("\\\\")
            case UInt8(ascii: "\""): write("\\\"")
            case UInt8(ascii: "\n"): write("\\n")
            default: bytes.append(byte)
            }
        }
        write("\"")
    }

    package mutating func value(_ value: UInt64) { end(String(value)) }

    /// Writes a whole family that has one sample without labels.
    package mutating func single(
        _ name: StaticString, _ type: StaticString, _ help: StaticString, _ number: some LosslessStringConvertible
    ) {
        family(name, type, help)
        sample(name)
        end(String(number))
    }

    /// A gauge summed over workers may be below zero for a moment while they are read one after another.
    mutating func gauge(_ value: UInt64) { end(String(max(Int64(bitPattern: value), 0))) }

    package mutating func seconds(nanoseconds: UInt64) { end(String(Double(nanoseconds) / 1e9)) }

    private mutating func end(_ number: String) {
        if hasLabels { write("}") }
        write(" ")
        bytes.append(contentsOf: number.utf8)
        write("\n")
    }

    private mutating func openLabel(_ name: StaticString) {
        write(hasLabels ? "," : "{")
        hasLabels = true
        write(name)
        write("=\"")
    }

    private mutating func write(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }
}
