import ArgumentParser
import GatewayAPI
import Kubernetes
import Routing

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Report every problem in the resources, by object and field.",
        discussion: """
            Exits 1 when there is an error: something that would make a rule answer 500, or be ignored. What the caller \
            has no right to read in a cluster is a warning.
            """)

    @OptionGroup var source: SourceOptions
    @OptionGroup(title: "Backends") var backends: BackendOptions

    @Option(help: "How to print the problems.")
    var output: OutputFormat = FlagEnvironment.value("output", default: .text)

    func run() throws {
        let state = try source.load()
        let plan = RoutePlanner.plan(
            resources: state.resources, scope: .cluster, backends: try backends.policy())
        let found = plan.problems.map(state.weighed) + RoutePlanner.protocolDisagreements(state.resources)
        let problems = state.problems + state.places.locating(found)
        let errors = problems.count { $0.severity == .error }
        switch output {
        case .text:
            for problem in problems { print("\(problem.severity.rawValue): \(problem.oneLine)") }
            print("\(counted(errors, "error")), \(counted(problems.count - errors, "warning"))")
        case .json:
            let report = JSONText.object([
                ("errors", .number(Int64(errors))), ("warnings", .number(Int64(problems.count - errors))),
                ("problems", .array(problems.map(\.json))),
            ])
            print(report.text())
        }
        if errors > 0 { throw ExitCode.failure }
    }

    private func counted(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }
}
