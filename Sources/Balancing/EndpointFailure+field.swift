/// The field `weir-failure`, by which the proxy beside an application tells the proxy that called it what has become of
/// a request: for a caller without it the answer would be the application's own. Whatever an application puts there
/// concerns itself alone.
extension EndpointFailure {
    /// Reads the field's value; nil for what means nothing.
    package init?(told value: UnsafeRawBufferPointer) {
        for failure in [EndpointFailure.applicationDown, .cut] {
            guard let text = failure.toldValue, text.utf8CodeUnitCount == value.count else { continue }
            if value.elementsEqual(UnsafeRawBufferPointer(start: text.utf8Start, count: value.count)) {
                self = failure
                return
            }
        }
        return nil
    }

    /// The whole line; nil for failures that no proxy tells of.
    package var toldLine: StaticString? {
        switch self {
        case .applicationDown: "weir-failure: connect\r\n"
        case .cut: "weir-failure: reset\r\n"
        case .refused, .vanished, .stale, .inconclusive: nil
        }
    }

    private var toldValue: StaticString? {
        switch self {
        case .applicationDown: "connect"
        case .cut: "reset"
        case .refused, .vanished, .stale, .inconclusive: nil
        }
    }
}
