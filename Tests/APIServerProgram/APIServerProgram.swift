import APIServer
import Foundation
import GatewayAPI

/// The API server of the tests as a program, for benchmarks and for a look with kubectl:
///
///     test-apiserver KUBECONFIG [ADDRESS] [MANIFEST...]
///
/// writes a kubeconfig, says "ready", and serves until standard input ends. Each line of that is a command, answered by
/// one line: `put FILE`, `delete KIND NAMESPACE/NAME`, `down`, `up`, `requests PART` (their number), `watches KIND`,
/// `statuses KIND` (how many objects have one by parent, and the most writes of one), `token TOKEN NAMESPACE
/// SERVICEACCOUNT AUDIENCE` (what a TokenReview then says of it).
@main struct APIServerProgram {
    static func main() {
        let words = CommandLine.arguments.dropFirst()
        guard let kubeconfig = words.first else {
            print("usage: test-apiserver KUBECONFIG [ADDRESS] [MANIFEST...]")
            exit(2)
        }
        do {
            let server = try APIServer(address: words.dropFirst().first ?? "127.0.0.1")
            defer { server.stop() }
            for file in words.dropFirst(2) { try put(file, server) }
            try server.kubeconfig().write(toFile: kubeconfig, atomically: true, encoding: .utf8)
            say("ready")
            while let line = readLine() { say(answer(line, server)) }
        } catch {
            say("failed: \(error)")
            exit(1)
        }
    }

    private static func answer(_ line: String, _ server: APIServer) -> String {
        let words = line.split(separator: " ").map(String.init)
        do {
            switch (words.first, words.count) {
            case ("put", 2): try put(words[1], server)
            case ("delete", 3): server.delete(words[1], ObjectKey(words[2]) ?? ObjectKey(namespace: "", name: words[2]))
            case ("down", 1): try server.goDown()
            case ("up", 1): try server.comeUp()
            case ("token", 5):
                server.reviewToken(words[1], as: .serviceAccount(words[2], words[3], audience: words[4]))
            case ("requests", 2): return "\(server.requests.count { $0.line.contains(words[1]) })"
            case ("statuses", 2): return statuses(words[1], server)
            case ("watches", 2): return "\(server.watchCount(of: words[1]))"
            default: return "unknown: \(line)"
            }
            return "done"
        } catch {
            return "failed: \(error)"
        }
    }

    private static func statuses(_ kind: String, _ server: APIServer) -> String {
        let objects = server.list(kind)
        let writes = objects.map { object in
            let key = ObjectKey(
                namespace: object["metadata"]?["namespace"]?.stringValue ?? "",
                name: object["metadata"]?["name"]?.stringValue ?? "")
            return server.writes(of: kind, key, subresource: "status")
        }
        let written = objects.count { !($0["status"]?["parents"]?.elements ?? []).isEmpty }
        return "\(written) \(writes.max() ?? 0)"
    }

    private static func put(_ file: String, _ server: APIServer) throws {
        try server.put(yaml: String(contentsOfFile: file, encoding: .utf8))
    }

    /// Not with `print`, which holds back what a program reads until its buffer is full.
    private static func say(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }
}
