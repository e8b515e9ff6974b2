/// Which fields of a request go no further than the door that it came through.
package enum FieldScreen: Sendable {
    /// Inside the mesh: what proxies tell each other, which each writes anew.
    case inside
    /// At the edge, from a peer that is not trusted: also whatever says who the client is.
    case untrusted
    /// At the edge, from a peer that is: what says nothing. It is believed as far as it goes.
    case trusted

    /// Whether a field line stops here. `Forwarded`, `X-Forwarded-For`, `-Proto` and `-Host` are the door's own
    /// business.
    package func stops(_ field: HeaderField, in bytes: UnsafeRawBufferPointer) -> Bool {
        guard field.known == .other || field.known == .ambiguous, field.name.end <= bytes.count,
            let meaning = unsafe ClientField.named(bytes.assumingMemoryBound(to: UInt8.self).span, field.name.range)
        else { return false }
        switch meaning {
        case .mesh: return true
        case .proxy: return self != .inside
        case .client:
            switch self {
            case .inside: return false
            case .untrusted: return true
            case .trusted: return field.value.isEmpty
            }
        }
    }
}
