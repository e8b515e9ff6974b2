import ArgumentParser
import GatewayAPI
import Injection
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

    @Option(
        help: ArgumentHelp(
            "Repositories of which pods may name an image for their proxy, as the controller's flag says.",
            valueName: "repository,..."))
    var allowedProxyImages: String = FlagEnvironment.text("allowed-proxy-images") ?? ""

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
        let pods = try podProblems(state)
        let advice = AbsenceAdvice(state.resources)
        let problems =
            emptiness(state)
            + RootCauses.first(state.problems + state.places.locating(found + pods))
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

    /// What the pods there are would be refused for; what has been told of a field already is not told twice.
    private func podProblems(_ state: SourceState) throws -> [Problem] {
        var settings = InjectionSettings(image: "weir:\(WeirVersion.text)", version: WeirVersion.text)
        settings.allowedProxyRepositories = try InjectionOptions.repositories(allowedProxyImages)
        let review = PodReview(settings: settings, labels: state.resources.namespaces.mapValues(\.metadata.labels))
        let told = Set(state.problems.map { "\($0.object): \($0.field)" })
        return state.others.flatMap(review.problems).filter { !told.contains("\($0.object): \($0.field)") }
    }

    /// A folder or a namespace that is not the one that was meant has no problems.
    private func emptiness(_ state: SourceState) -> [Problem] {
        let content = SourceContent(state)
        let places = ((source.manifests.isEmpty ? [] : [source.manifests]) + files)
            .map { $0 == "-" ? "standard input" : $0 }.joined(separator: ", ")
        if content.isEmpty, !source.isCluster {
            guard state.problems.isEmpty else { return [] }
            return [
                nothing(
                    .error, places, "",
                    "no resources were read from there: folders are searched for *.yaml, *.yml and *.json")
            ]
        }
        if !namespace.isEmpty, !content.namespaces.contains(namespace), !state.problems.contains(where: isAskedFor) {
            let advice = Spelling.advice(for: namespace, among: content.namespaces.sorted())
            let message = "no resources of this namespace were read, nor the Namespace itself\(advice)"
            return [nothing(.error, "--namespace", namespace, message)]
        }
        guard !source.isCluster, state.problems.isEmpty, state.resources.isEmpty,
            !state.others.contains(where: PodReview.concerns)
        else { return [] }
        return [nothing(.warning, places, "", "no object that Weir reads is there")]
    }

    private func nothing(_ severity: Problem.Severity, _ object: String, _ value: String, _ message: String) -> Problem
    {
        Problem(
            severity: severity, id: .nothingFound, object: object, value: value,
            message: "\(message); nothing was looked at")
    }

    /// What is wrong with a file or a server may well concern the namespace.
    private func isAskedFor(_ problem: Problem) -> Bool {
        namespace.isEmpty || problem.concerns(namespace: namespace)
    }

    private func counted(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }
}
