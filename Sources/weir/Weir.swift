import ArgumentParser
import CLinux
import Glibc

@main
struct Weir: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "weir",
        abstract: "A service-mesh sidecar and gateway that Gateway API resources steer.",
        discussion: """
            Every flag can also be given as an environment variable: WEIR_ and the flag's name in capitals, with _ for -.
            """,
        version: WeirVersion.text,
        subcommands: [
            SidecarCommand.self, GatewayCommand.self, ControllerCommand.self, InterceptGroup.self, InjectCommand.self,
            CheckCommand.self, ExplainCommand.self, StatusCommand.self, ProxyCommand.self, WaitCommand.self,
            DrainCommand.self, VersionCommand.self,
        ])

    static func main() {
        if let error = UsageError(help: Array(CommandLine.arguments.dropFirst())) {
            StandardError.write(error.text)
            Glibc.exit(2)
        }
        do {
            // Loading the program, reading its flags and what they ask for need not stand in memory together.
            weir_release_code_pages()
            var command = try parseAsRoot()
            weir_release_code_pages()
            try command.run()
        } catch {
            end(with: error)
        }
    }

    /// Ends the process: 0 for help, 2 for wrong usage, 1 (or what the command asks for) for anything else.
    static func end(with error: any Error) -> Never {
        let code = exitCode(for: error)
        if code == .success { exit(withError: error) }
        if code == .validationFailure {
            StandardError.write(UsageError(error, words: Array(CommandLine.arguments.dropFirst())).text)
            Glibc.exit(2)
        }
        // What a server or a file says is part of some messages.
        let message = fullMessage(for: error)
        if !message.isEmpty { StandardError.write(message) }
        Glibc.exit(code.rawValue)
    }
}

enum WeirVersion {
    static let text = "0.1.0"
    /// What API servers are told.
    static let userAgent = "weir/\(text)"
}

struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")

    func run() {
        print("weir \(WeirVersion.text)")
    }
}
