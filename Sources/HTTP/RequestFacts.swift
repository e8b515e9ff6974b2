/// What a `RequestHead` knows but for its fields; the properties of the same names there say what they mean.
///
/// They live in plain memory of their own because stored properties of a class that other modules read cost an
/// exclusivity check each.
package struct RequestFacts {
    package var method: HTTPMethod = .other
    package var methodRange: ByteRange = .empty
    package var target: ByteRange = .empty
    package var path: ByteRange = .empty
    package var query: ByteRange = .empty
    package var hasQuery: Bool = false
    package var isAsterisk: Bool = false
    package var isAbsolute: Bool = false
    package var authority: ByteRange = .empty
    package var host: ByteRange = .empty
    package var port: UInt16 = 0
    package var versionMinor: UInt8 = 1
    package var body: BodyFraming = .none
    package var keepAlive: Bool = true
    package var upgradeFieldIndex: Int?
    package var expectContinue: Bool = false
    package var headLength: Int = 0

    package init() {}
}
