import ArgumentParser
import Glibc

/// Flags as environment variables: `--drain-timeout` is `WEIR_DRAIN_TIMEOUT`. A flag on the command line wins.
enum FlagEnvironment {
    /// The value for a flag, nil when the variable is not set.
    static func text(_ flag: String) -> String? {
        variable(name(of: flag))
    }

    /// The variable for a flag.
    static func name(of flag: String) -> String {
        "WEIR_" + flag.uppercased().map { $0 == "-" ? "_" : String($0) }.joined()
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
            let form = ValueForm.of(flag).map { "; \($0)" } ?? allowed(T.allValueStrings)
            let place = CommandPlace(Array(CommandLine.arguments.dropFirst()))
            StandardError.write(place.note("\(name(of: flag)): '\(text)' is no valid value of --\(flag)\(form)"))
            exit(2)
        }
        return value
    }

    private static func allowed(_ values: [String]) -> String {
        values.isEmpty ? "" : "; one of \(values.joined(separator: ", ")) is due"
    }
}
