/// A status code as the `code` label counts it: those registered with IANA by themselves, the others together.
///
/// An endpoint chooses the code it answers with, so the number of series must not depend on it.
struct StatusCode: Hashable {
    /// No status was sent, or one that is not registered.
    static let other = StatusCode(number: 0)

    /// 0 for the others, else 1 to 63: six bits of a series' key.
    let number: UInt8

    init(number: UInt8) { self.number = number }

    /// The IANA HTTP Status Code Registry (RFC 9110, section 16.2.1), as ranges: no table is read for a request.
    init(status: Int) {
        let place =
            switch status {
            case 100...103: status - 99
            case 200...208: status - 195
            case 226: 14
            case 300...308: status - 285
            case 400...418: status - 376
            case 421...426: status - 378
            case 428, 429: status - 379
            case 431: 51
            case 451: 52
            case 500...508: status - 447
            case 510, 511: status - 448
            default: 0
            }
        number = UInt8(truncatingIfNeeded: place)
    }

    var label: String {
        guard number != 0, let status = (100...599).first(where: { StatusCode(status: $0) == self }) else {
            return "other"
        }
        return String(status)
    }
}
