internal import CRE2

/// Regular expressions of routes: RE2 syntax, whole-value match, linear time, over bytes as they came.
package enum RegularExpressionCheck {
    /// The most memory one compiled expression may use, in bytes. A pattern that needs more is refused.
    package static let memoryLimit: Int64 = 1 << 20

    /// Why `pattern` cannot be used, in RE2's words; nil when it can.
    package static func problem(_ pattern: String) -> String? {
        switch CompiledExpression.compile(pattern) {
        case .success(let compiled):
            compiled.free()
            return nil
        case .failure(let refusal):
            return refusal.reason
        }
    }
}

/// A compiled expression; whoever holds it frees it once. Matching is safe from any thread (RE2 guards its own state cache).
struct CompiledExpression: BitwiseCopyable {
    struct Refusal: Error {
        var reason: String
    }

    private let handle: OpaquePointer

    static func compile(_ pattern: String) -> Result<CompiledExpression, Refusal> {
        var pattern = pattern
        return pattern.withUTF8 { bytes in
            withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { message in
                message.initialize(repeating: 0)
                let handle = bytes.withMemoryRebound(to: CChar.self) { text in
                    weir_re2_compile(
                        text.baseAddress, text.count, RegularExpressionCheck.memoryLimit, message.baseAddress,
                        message.count)
                }
                if let handle { return .success(CompiledExpression(handle: handle)) }
                let reason = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
                return .failure(Refusal(reason: String(decoding: reason, as: UTF8.self)))
            }
        }
    }

    func matches(_ text: UnsafeRawBufferPointer) -> Bool {
        weir_re2_full_match(handle, text.baseAddress?.assumingMemoryBound(to: CChar.self), text.count) == 1
    }

    func free() {
        weir_re2_free(handle)
    }

    /// Bytes that every matching text begins with: the plain characters before the pattern's first operator.
    ///
    /// Lets a request skip expressions of other subtrees by one comparison. Errs on the short side.
    static func literalPrefix(_ pattern: String) -> [UInt8] {
        var bytes = Array(pattern.utf8)
        if bytes.contains(UInt8(ascii: "|")) { return [] }
        if bytes.first == UInt8(ascii: "^") { bytes.removeFirst() }
        var prefix = Array(bytes.prefix(while: isPlain))
        if prefix.count < bytes.count,
            [UInt8(ascii: "?"), UInt8(ascii: "*"), UInt8(ascii: "{")].contains(bytes[prefix.count])
        {
            prefix = prefix.dropLast()
        }
        return prefix
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "/"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
