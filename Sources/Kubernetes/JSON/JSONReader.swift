package import GatewayAPI

/// Reads JSON (RFC 8259) the way the API server's own decoder (Go's encoding/json) does: of a key that is written twice
/// the last value counts, and bytes that are not UTF-8 as well as halves of surrogate pairs become U+FFFD. The grammar
/// is strict: nothing may follow the value, and there is no NaN. Integers of 64 bits stay exact, other numbers become
/// doubles; one beyond their range refuses the text. Nodes carry no line (0): JSON comes from programs, and is compared
/// with what programs make.
package enum JSONReader {
    package static func node(_ bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONError) -> Node {
        try node(bytes[...], limits: limits)
    }

    /// - Parameter leftOut: arrays that are members of this name, in any object, are left out.
    package static func node(
        _ bytes: ArraySlice<UInt8>, limits: JSONLimits = JSONLimits(), leavingOut leftOut: String? = nil
    ) throws(JSONError) -> Node {
        try checkSize(bytes.count, limits)
        var parser = JSONParser(limits: limits, leavingOut: leftOut)
        return try parser.document(bytes.span)
    }

    private static func checkSize(_ count: Int, _ limits: JSONLimits) throws(JSONError) {
        guard count <= limits.bytes else {
            throw JSONError("has \(count) bytes, more than the \(limits.bytes) allowed", at: 0)
        }
    }
}
