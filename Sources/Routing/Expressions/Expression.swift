internal import CRE2

/// A compiled regular expression. Matching is safe from any thread (RE2 guards its own state cache).
final class Expression: @unchecked Sendable {
    struct Refusal: Error {
        var verdict: ExpressionVerdict
    }

    /// For matching without counting references; valid while the expression lives.
    let program: ExpressionProgram
    /// Instructions of the program.
    let size: Int

    private init(_ handle: OpaquePointer, size: Int) {
        program = ExpressionProgram(handle: handle, size: Int32(clamping: size))
        self.size = size
    }

    deinit {
        weir_re2_free(program.handle)
    }

    /// Compiles a route's expression: RE2 syntax, matched against whole values, over bytes as they came.
    static func compile(_ pattern: String) -> Result<Expression, Refusal> {
        let classes = unicodeClasses(pattern) * ExpressionLimits.unicodeClassSize
        guard classes <= ExpressionLimits.programSize else { return .failure(tooLarge("\(classes)")) }
        do throws(Refusal) {
            let first = try make(pattern, memory: ExpressionLimits.memoryBeforehand)
            let size = Int(weir_re2_program_size(first)) + classes
            let memory = ExpressionLimits.memory(forSize: size)
            guard size <= ExpressionLimits.programSize else {
                weir_re2_free(first)
                return .failure(tooLarge("\(size)"))
            }
            guard memory > ExpressionLimits.memoryBeforehand else { return .success(Expression(first, size: size)) }
            weir_re2_free(first)
            return .success(Expression(try make(pattern, memory: memory), size: size))
        } catch {
            return .failure(error)
        }
    }

    private static func make(_ pattern: String, memory: Int64) throws(Refusal) -> OpaquePointer {
        var pattern = pattern
        let result: Result<OpaquePointer, Refusal> = pattern.withUTF8 { bytes in
            withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { message in
                message.initialize(repeating: 0)
                var refusal = WEIR_RE2_INVALID
                let handle = bytes.withMemoryRebound(to: CChar.self) { text in
                    weir_re2_compile(
                        text.baseAddress, text.count, memory, &refusal, message.baseAddress, message.count)
                }
                if let handle { return .success(handle) }
                if refusal == WEIR_RE2_TOO_LARGE {
                    return .failure(tooLarge("more than \(ExpressionLimits.programSize)"))
                }
                let reason = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
                return .failure(Refusal(verdict: .invalid(reason: String(decoding: reason, as: UTF8.self))))
            }
        }
        return try result.get()
    }

    private static func tooLarge(_ size: String) -> Refusal {
        Refusal(
            verdict: .tooLarge(
                reason:
                    "it compiles to \(size) instructions, the limit is \(ExpressionLimits.programSize) "
                    + "(counted repetitions multiply)"))
    }

    /// Classes by name, like `\pL` and `\P{Greek}`.
    private static func unicodeClasses(_ pattern: String) -> Int {
        var count = 0
        var isEscaped = false
        for byte in pattern.utf8 {
            if isEscaped {
                if byte | 0x20 == UInt8(ascii: "p") { count += 1 }
                isEscaped = false
            } else {
                isEscaped = byte == UInt8(ascii: "\\")
            }
        }
        return count
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

/// As the request's path knows an expression.
struct ExpressionProgram: BitwiseCopyable {
    fileprivate let handle: OpaquePointer
    /// Instructions.
    let size: Int32

    func matches(_ text: UnsafeRawBufferPointer) -> Bool {
        weir_re2_full_match(handle, text.baseAddress?.assumingMemoryBound(to: CChar.self), text.count) == 1
    }
}
