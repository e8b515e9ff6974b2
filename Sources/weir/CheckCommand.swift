import ArgumentParser
import GatewayAPI
import Kubernetes
import Proxy
import Routing

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Report every problem in the resources, by object and field.",
        discussion: "Exits 1 when there is an error: something that would make a rule answer 500, or be ignored.")

    @OptionGroup var source: SourceOptions

    func run() throws {
        let state = ManifestFolder.load(try source.folder())
        let plan = RoutePlanner.plan(resources: state.resources, scope: .cluster)
        let problems = state.problems + plan.problems
        for problem in problems { print("\(problem.severity.rawValue): \(problem.line())") }
        let errors = problems.count { $0.severity == .error }
        print("\(errors) errors, \(problems.count - errors) warnings")
        if errors > 0 { throw ExitCode.failure }
    }
}
