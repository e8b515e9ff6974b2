import ArgumentParser
import GatewayAPI

/// What a command line that cannot be used is answered: the wrong word, the near one, the form that is due, and whose
/// help has more.
struct UsageError {
    let text: String

    /// - Parameter words: of the command line, without the program's name.
    init(_ error: any Error, words: [String]) {
        let place = CommandPlace(words)
        let message = Weir.message(for: error)
        if let stranger = place.stranger {
            text = place.page(Self.unknown(stranger, of: place))
        } else if message.hasPrefix("--") || error is ValidationError {
            text = place.page(Self.naming(message, words))
        } else {
            let advice = Self.fileAdvice(for: message, place) ?? ValueForm.advice(for: message)
            text = Self.adding(advice, to: Weir.fullMessage(for: error))
        }
    }

    /// - Parameter words: the command line when it asks for help; nil when all of its words are commands.
    init?(help words: [String]) {
        guard words.first == "help" || words.contains("--help") || words.contains("-h") else { return nil }
        let place = CommandPlace(words.first == "help" ? Array(words.dropFirst()) : words)
        guard let stranger = place.stranger else { return nil }
        text = place.page(Self.unknown(stranger, of: place))
    }

    /// A file that was given as a bare word, to a command whose files have a flag.
    private static func fileAdvice(for message: String, _ place: CommandPlace) -> String? {
        guard message.contains("unexpected argument") || message.hasPrefix("Unexpected argument"),
            [CheckCommand._commandName, InjectCommand._commandName].contains(place.command._commandName)
        else { return nil }
        return "manifests are given as -f FILE, each with its own -f"
    }

    private static func unknown(_ word: String, of place: CommandPlace) -> String {
        let names = place.command.configuration.subcommands.map { $0._commandName }
        let advice = Spelling.nearest(to: word, among: names).map { " Did you mean '\($0)'?" } ?? ""
        return "'\(word)' is no subcommand of '\(place.path)'.\(advice) There are \(names.joined(separator: ", "))."
    }

    /// A message about a flag that was not written comes from its variable.
    private static func naming(_ message: String, _ words: [String]) -> String {
        guard message.hasPrefix("--"), let flag = message.split(separator: ":").first.map(String.init),
            !words.contains(where: { $0 == flag || $0.hasPrefix(flag + "=") }),
            FlagEnvironment.text(String(flag.dropFirst(2))) != nil
        else { return message }
        return "\(message) (from \(FlagEnvironment.name(of: String(flag.dropFirst(2)))))"
    }

    private static func adding(_ advice: String?, to page: String) -> String {
        guard let advice else { return page }
        var lines = page.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if !lines.isEmpty { lines[0] += "; \(advice)" }
        return lines.joined(separator: "\n")
    }
}

/// Which command the words of a command line lead to.
struct CommandPlace {
    private(set) var command: any ParsableCommand.Type = Weir.self
    private(set) var path = "weir"
    /// A word that stands where a subcommand's name must.
    private(set) var stranger: String?

    init(_ words: [String]) {
        for word in words {
            let subcommands = command.configuration.subcommands
            guard !subcommands.isEmpty, !word.hasPrefix("-"), word != "help" else { return }
            guard let next = subcommands.first(where: { $0._commandName == word }) else {
                stranger = word
                return
            }
            command = next
            path += " \(word)"
        }
    }

    /// Without the command's usage, which cannot be told before its environment has been read.
    func note(_ message: String) -> String {
        "Error: \(message)\n  See '\(path) --help' for more information."
    }

    func page(_ message: String) -> String {
        """
        Error: \(message)
        Usage: \(Weir.usageString(for: command))
          See '\(path) --help' for more information.
        """
    }
}

/// How the values of flags are written, where the type alone does not say it.
enum ValueForm {
    private static let times = ["-timeout", "-wait", "-interval", "-delay", "-lifetime"]
    private static let ports = ["-port", "-offset"]

    /// What is said behind "The value 'x' is invalid for '--flag <flag>'"; nil for any other message.
    static func advice(for message: String) -> String? {
        guard message.hasPrefix("The value '"), !message.contains("provide one of"),
            let mark = message.firstRange(of: "invalid for '--")
        else { return nil }
        let flag = message[mark.upperBound...].prefix { $0 != " " && $0 != "'" }
        return of(String(flag))
    }

    static func of(_ flag: String) -> String? {
        if times.contains(where: flag.hasSuffix) { return "a time is due, as 500ms, 10s or 1h30m" }
        if ports.contains(where: flag.hasSuffix) { return "a number in 0..65535 is due" }
        if flag == "workers" { return "a whole number in 1..256 is due" }
        return flag.hasPrefix("max-") ? "a whole number is due" : nil
    }
}
