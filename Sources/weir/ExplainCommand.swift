import ArgumentParser
import Explain
import GatewayAPI
import Kubernetes

struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say which route, rule, backend and endpoints a request would get, and why.",
        usage: """
            weir explain (--manifests <folder> | --kubernetes) --gateway <namespace/name> [<options>] <method> <url>
            weir explain (--manifests <folder> | --kubernetes) --service <namespace/name:port> [<options>] <method> <url>
            """,
        discussion: """
            Nothing is sent: the answer is worked out from the resources by the code that serves requests.
            Exits 0 when the request could be explained, whatever its answer, and 1 when no such Gateway,
            listener port or Service exists.

              weir explain --manifests shop/ --gateway infra/edge GET http://shop.example.com/cart
              weir explain --manifests shop/ --service shop/cart:80 --from web POST /cart -H 'x-user: ana'
            """)

    @OptionGroup var source: SourceOptions
    @OptionGroup(title: "Backends") var backends: BackendOptions

    @Option(
        help: ArgumentHelp(
            "The Gateway addressed; the URL's port (80, https: 443) chooses the listener.", valueName: "namespace/name")
    )
    var gateway = ""

    @Option(
        help: ArgumentHelp(
            "The Service addressed, as a meshed client's sidecar sees it.", valueName: "namespace/name:port"))
    var service = ""

    @Option(
        help: ArgumentHelp(
            "The client's namespace, whose consumer routes come first (default: the Service's).", valueName: "namespace"
        ))
    var from: String = FlagEnvironment.text("from") ?? ""

    @Option(
        name: [.customShort("H"), .long], parsing: .singleValue,
        help: ArgumentHelp(
            "A header of the request. May be repeated; Host wins over the URL's.", valueName: "Name: value"))
    var header: [String] = []

    @Option(help: "How to print the answer.")
    var output: OutputFormat = FlagEnvironment.value("output", default: .text)

    @Argument(help: "The method, as GET.")
    var method: String

    @Argument(help: "http://host[:port]/path?query, https://..., or /path?query.")
    var url: String

    func run() throws {
        let frontend = try frontend(gateway: gateway, service: service)
        let state = try source.load()
        var explanation = Explainer.explain(
            try request(), at: frontend, in: state.resources, problems: state.problems,
            backends: try backends.policy())
        explanation.problems = state.places.locating(explanation.problems.map(state.weighed))
        explanation.doubt = state.doubt(explanation.dependsOn)
        // Certificates decide nothing about a request.
        for unread in state.unread where unread.kind != .secret {
            StandardError.write("warning: \(unread.problem.oneLine)")
        }
        switch output {
        case .text: print(explanation.text, terminator: "")
        case .json: print(explanation.json.text())
        }
        if !explanation.hasFrontend { throw ExitCode.failure }
    }

    private func request() throws -> ExplainedRequest {
        do throws(ExplainedRequest.Mistake) {
            return try ExplainedRequest(method: method, url: url, headers: header)
        } catch {
            throw ValidationError(error.message)
        }
    }

    private func frontend(gateway: String, service: String) throws -> ExplainedFrontend {
        switch (gateway.isEmpty, service.isEmpty) {
        case (true, true):
            // The environment of a gateway's pod names its Gateway, which must not get in the way of --service.
            let named = (FlagEnvironment.text("gateway") ?? "", FlagEnvironment.text("service") ?? "")
            guard named != ("", "") else { throw Self.noFrontend }
            return try self.frontend(gateway: named.0, service: named.1)
        case (false, true):
            guard from.isEmpty else {
                throw ValidationError("--from: goes with --service; a gateway's clients have no namespace")
            }
            guard let key = ObjectKey(gateway) else {
                throw ValidationError("--gateway: '\(gateway)' is not NAMESPACE/NAME")
            }
            return .gateway(key)
        case (true, false): return try serviceFrontend(service)
        case (false, false): throw Self.noFrontend
        }
    }

    private static let noFrontend = ValidationError(
        "give either --gateway NAMESPACE/NAME or --service NAMESPACE/NAME:PORT")

    private func serviceFrontend(_ service: String) throws -> ExplainedFrontend {
        let parts = service.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let key = ObjectKey(String(parts[0])), let port = UInt16(parts[1]), port > 0 else {
            throw ValidationError("--service: '\(service)' is not NAMESPACE/NAME:PORT with a port of 1...65535")
        }
        return .service(key, port: port, from: from.isEmpty ? nil : from)
    }
}
