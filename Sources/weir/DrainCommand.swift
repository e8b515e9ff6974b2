import ArgumentParser
import Glibc
import HTTP
import Interception
import Reactor

struct DrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain",
        abstract: "Tell the proxy of this pod that the pod is going.",
        discussion: """
            From then on every answer to a caller ends its connection, so that callers find another pod; everything is served \
            as before, and the proxy runs on until it gets SIGTERM. With --until-app-ends the command returns when no process \
            of another user has a TCP socket in this network namespace, which is how an injected proxy that is an ordinary \
            container outlives its workload.
            """)

    @Option(help: ArgumentHelp("Where the proxy's admin interface listens.", valueName: "address:port"))
    var admin: String = FlagEnvironment.text("admin") ?? "127.0.0.1:15000"

    @Option(help: "Return only after this long, for a hook that keeps the proxy from being ended at once.")
    var wait = DurationArgument(milliseconds: 0)

    @Flag(help: "Return when the workload has ended.")
    var untilAppEnds = false

    @Option(help: "How long to wait for the workload's end even when it has no sockets.")
    var atLeast = DurationArgument(milliseconds: 5_000)

    @Option(help: "How long to wait for the workload's end.")
    var atMost = DurationArgument(milliseconds: 25_000)

    @Option(name: .customLong("proxy-uid"), help: "User id of the proxy, whose own sockets do not count.")
    var proxyUID: UInt32 = FlagEnvironment.value("proxy-uid", default: UInt32(RedirectOptions.defaultProxyUID))

    /// Microseconds between two looks.
    private static let pause: UInt32 = 200_000
    /// Looks without a socket of the workload in a row: between two calls it may have none.
    private static let quietLooks = 5

    func run() throws {
        guard let address = SocketAddress(admin) else {
            throw ValidationError("--admin: '\(admin)' is not ADDRESS:PORT; nothing was drained")
        }
        let status = try LocalRequest.status(.post, "/drain", at: address)
        if wait.milliseconds > 0 { Self.sleep(wait.nanoseconds) }
        if untilAppEnds { waitForEnd() }
        guard status == 200 else {
            throw CommandFailure("the proxy at \(address) \(status.map { "answered \($0)" } ?? "does not answer")")
        }
    }

    private static func sleep(_ nanoseconds: UInt64) {
        let end = Clock.now() &+ nanoseconds
        while Clock.now() < end { usleep(pause) }
    }

    private func waitForEnd() {
        let start = Clock.now()
        var quiet = 0
        while Clock.now() &- start < atMost.nanoseconds {
            quiet = hasSockets() ? 0 : quiet + 1
            if quiet >= Self.quietLooks, Clock.now() &- start >= atLeast.nanoseconds { return }
            usleep(Self.pause)
        }
    }

    private func hasSockets() -> Bool {
        ["/proc/net/tcp", "/proc/net/tcp6"].contains { path in
            guard let text = try? InputFile.read(path, flag: "") else { return false }
            return SocketTable.socketsInUse(String(decoding: text, as: UTF8.self), notOf: proxyUID) > 0
        }
    }
}
