import ArgumentParser
import GatewayAPI

/// A time on the command line, written as Gateway API writes it (GEP-2257): `500ms`, `10s`, `1h30m`.
struct DurationArgument: ExpressibleByArgument {
    var milliseconds: UInt64

    init(milliseconds: UInt64) {
        self.milliseconds = milliseconds
    }

    init?(argument: String) {
        guard let milliseconds = GatewayDuration.parse(argument) else { return nil }
        self.milliseconds = milliseconds
    }

    var nanoseconds: UInt64 { milliseconds &* 1_000_000 }

    var defaultValueDescription: String {
        milliseconds % 1000 == 0 ? "\(milliseconds / 1000)s" : "\(milliseconds)ms"
    }
}
