import ArgumentParser

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
            SidecarCommand.self, GatewayCommand.self, InterceptGroup.self, CheckCommand.self, ExplainCommand.self,
            VersionCommand.self,
        ])

    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            exit(withError: error)
        }
    }
}

enum WeirVersion {
    static let text = "0.1.0"
}

struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")

    func run() {
        print("weir \(WeirVersion.text)")
    }
}
