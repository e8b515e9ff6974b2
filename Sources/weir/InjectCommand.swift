import ArgumentParser
import GatewayAPI
import Glibc
import Injection
import Kubernetes

struct InjectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inject",
        abstract: "Put the redirection and the proxy into the pods of manifests.",
        discussion: """
            Prints every document again, those without pods unchanged; comments are lost. The namespace's label is not asked \
            for: whatever does not say weir.dev/inject: disabled is injected. Problems go to standard error. When a pod has to \
            be refused, nothing is printed and the exit code is 1.
            """)

    @Option(
        name: [.customShort("f"), .customLong("filename")],
        help: ArgumentHelp("YAML or JSON; - is standard input. May be given more than once.", valueName: "file"))
    var files: [String]

    @Option(
        name: [.customShort("n"), .customLong("namespace")],
        help: "Namespace of objects that name none; those of Kubernetes itself are never injected.")
    var namespace: String = FlagEnvironment.text("namespace") ?? "default"

    @OptionGroup var injection: InjectionOptions

    func run() throws {
        let manifests = ManifestInjection(
            injector: Injector(settings: try injection.settings()), defaultNamespace: namespace)
        var output: [Node] = []
        var isRefused = false
        for file in files {
            for document in try documents(file) {
                let (injected, reports) = manifests.inject(document)
                output.append(injected)
                for report in reports { isRefused = tell(report) || isRefused }
            }
        }
        if isRefused { throw ExitCode.failure }
        print(YAMLWriter.text(output), terminator: "")
    }

    private func documents(_ file: String) throws -> [Node] {
        let name = file == "-" ? "standard input" : file
        do {
            return try YAMLReader.documents(try InputFile.read(file, flag: "filename")).map { document in
                if let defect = document.defect { throw defect }
                return document.root
            }
        } catch let error as YAMLError {
            throw CommandFailure("\(name):\(error.line): \(error.message); nothing was injected")
        }
    }

    /// Whether the pod was refused.
    private func tell(_ report: ManifestInjection.Report) -> Bool {
        for problem in report.result.problems {
            StandardError.write(problem.report)
        }
        switch report.result.outcome {
        case .injected: return false
        case .skipped(let reason):
            StandardError.write("\(report.object): not injected: \(reason)")
            return false
        case .refused:
            StandardError.write("\(report.object): refused; nothing is printed")
            return true
        }
    }
}
