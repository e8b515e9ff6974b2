import ArgumentParser
import Glibc

/// Flags as environment variables: `--drain-timeout` is `WEIR_DRAIN_TIMEOUT`. A flag on the command line wins.
enum FlagEnvironment {
    /// The value for a flag, nil when the variable is not set.
    static func text(_ flag: String) -> String? {
        let name = "WEIR_" + flag.uppercased().map { $0 == "-" ? "_" : String($0) }.joined()
        return variable(name)
    }

    static func variable(_ name: String) -> String? {
        guard let value = getenv(name) else { return nil }
        let text = String(cString: value)
        return text.isEmpty ? nil : text
    }

    /// A typed value; one that cannot be read ends the process as wrong usage.
    static func value<T: ExpressibleByArgument>(_ flag: String, default fallback: T) -> T {
        guard let text = text(flag) else { return fallback }
        guard let value = T(argument: text) else {
            Weir.end(with: ValidationError("--\(flag): '\(text)' (from the environment) is not a valid value"))
        }
        return value
    }
}
