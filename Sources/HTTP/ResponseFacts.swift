/// What a `ResponseHead` knows but for its fields; the properties of the same names there say what they mean.
///
/// They live in plain memory of their own because stored properties of a class that other modules read cost an
/// exclusivity check each.
package struct ResponseFacts {
    package var status: Int = 0
    package var reason: ByteRange = .empty
    package var versionMinor: UInt8 = 1
    package var body: BodyFraming = .none
    package var keepAlive: Bool = true
    package var upgradeFieldIndex: Int?
    package var headLength: Int = 0

    package init() {}
}
