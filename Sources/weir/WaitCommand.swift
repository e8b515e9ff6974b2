import ArgumentParser
import Glibc
import HTTP
import Reactor

struct WaitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Return when the proxy of this pod is ready.",
        discussion: """
            The hook by which an injected proxy that is an ordinary container lets the workload's containers start after it. \
            Exits 1 when the proxy is not ready in time.
            """)

    @Option(help: ArgumentHelp("Where the proxy serves its health.", valueName: "address:port"))
    var telemetry: String = FlagEnvironment.text("telemetry") ?? "127.0.0.1:15020"

    @Option(help: "How long to wait.")
    var atMost = DurationArgument(milliseconds: 300_000)

    /// Microseconds between two questions.
    private static let pause: UInt32 = 100_000

    func run() throws {
        guard let address = SocketAddress(telemetry) else {
            throw ValidationError("--telemetry: '\(telemetry)' is not ADDRESS:PORT; nothing was waited for")
        }
        let deadline = Clock.now() &+ atMost.nanoseconds
        while try LocalRequest.status(.get, "/healthz/ready", at: address) != 200 {
            guard Clock.now() < deadline else {
                throw CommandFailure("the proxy at \(address) is not ready after \(atMost.defaultValueDescription)")
            }
            usleep(Self.pause)
        }
    }
}
