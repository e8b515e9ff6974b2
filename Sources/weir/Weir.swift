import ArgumentParser

@main
struct Weir: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "weir", abstract: "A service-mesh sidecar and gateway.")
}
