import ArgumentParser
import GatewayAPI
import Kubernetes
import Routing

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Report every problem in the resources, by object and field.",
        usage: "weir check (-f <path> ... | --manifests <folder> | --kubernetes) [-n <namespace>] [<options>]",
        discussion: """
            Exits 1 when there is an error: something that would make a rule answer 500, open more than was meant, or be \
            ignored. What the caller has no right to read in a cluster is a warning.

              weir check -f shop/ -f gateway.yaml
              kubectl kustomize overlays/prod | weir check -f - -n shop
              weir check --kubernetes --context prod
            """)

    @Option(
        name: [.customShort("f"), .customLong("filename")], parsing: .singleValue,
        help: ArgumentHelp(
            "Manifests: a file, a folder, or - for standard input. May be given more than once.", valueName: "path"))
    var files: [String] = []

    @Option(
        name: .shortAndLong,
        help: "Problems of one namespace's objects only, in the exit code too; all objects are looked at.")
    var namespace: String = FlagEnvironment.text("namespace") ?? ""

    @OptionGroup var source: SourceOptions
    @OptionGroup(title: "Backends") var backends: BackendOptions

    @Option(help: "How to print the problems.")
    var output: OutputFormat = FlagEnvironment.value("output", default: .text)

    func validate() throws {
        guard namespace.isEmpty || ResourceName.isLabel(namespace) else {
            throw ValidationError("--namespace: '\(namespace)' is not a namespace's name")
        }
    }

    func run() throws {
        let state = try source.load(files: files)
        let plan = RoutePlanner.plan(
            resources: state.resources, scope: .cluster, backends: try backends.policy())
        let found =
            plan.problems.map(state.weighed) + RoutePlanner.protocolDisagreements(state.resources)
            + RoutePlanner.endpointProblems(
                state.resources, areFiles: !source.isCluster
            ).map(state.weighed)
        let advice = AbsenceAdvice(state.resources)
        let problems = RootCauses.first(state.problems + state.places.locating(found) + emptiness(state))
            .map(advice.advising).filter(isAskedFor)
        let errors = problems.count { $0.severity == .error }
        switch output {
        case .text:
            for problem in problems { print(problem.report) }
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

    /// A folder that is not the one that was meant has no problems.
    private func emptiness(_ state: SourceState) -> [Problem] {
        guard !source.isCluster, state.problems.isEmpty, state.resources.isEmpty else { return [] }
        let names = (source.manifests.isEmpty ? [] : [source.manifests]) + files
        return [
            Problem(
                severity: .warning, id: .nothingFound, object: names.joined(separator: ", "),
                message: "no object that Weir reads is there: nothing was looked at")
        ]
    }

    /// What is wrong with a file or a server may well concern the namespace.
    private func isAskedFor(_ problem: Problem) -> Bool {
        namespace.isEmpty || problem.concerns(namespace: namespace)
    }

    private func counted(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }
}
