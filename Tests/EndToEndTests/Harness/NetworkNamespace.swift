import Foundation
import Glibc
import Synchronization

// The standard library's module map leaves this call out.
@_silgen_name("setns") private func enterNamespace(_ descriptor: Int32, _ type: Int32) -> Int32

/// A network namespace of a test's own, deleted with `remove`.
final class NetworkNamespace: Sendable {
    let name: String
    private static let count = Mutex(0)
    private static let cloneNewNet: Int32 = 0x4000_0000

    init(_ role: String) throws {
        let number = NetworkNamespace.count.withLock { count in
            count += 1
            return count
        }
        name = "weir-e2e-\(getpid())-\(number)-\(role)"
        try NetworkNamespace.tool("ip netns add \(name)")
        try NetworkNamespace.tool("ip -n \(name) link set lo up")
    }

    func remove() { _ = try? run(["ip", "netns", "del", name]) }

    /// Runs a command that must succeed.
    static func tool(_ line: String) throws {
        let outcome = try run(line.split(separator: " ").map(String.init))
        guard outcome.code == 0 else {
            throw Failure("\(line): \(outcome.errors) (these tests need root and iproute2)")
        }
    }

    private final class Box<R>: @unchecked Sendable {
        var result: Result<R, any Error>?
    }

    /// Does something on a thread that is inside; sockets made there stay there.
    func inside<R>(_ body: @escaping @Sendable () throws -> R) throws -> R {
        let box = Box<R>()
        let done = DispatchSemaphore(value: 0)
        let path = "/run/netns/\(name)"
        Thread.detachNewThread {
            box.result = Result {
                let descriptor = open(path, O_RDONLY | O_CLOEXEC)
                defer { Glibc.close(descriptor) }
                guard descriptor >= 0, enterNamespace(descriptor, NetworkNamespace.cloneNewNet) == 0 else {
                    throw Failure.system("setns")
                }
                return try body()
            }
            done.signal()
        }
        done.wait()
        guard let result = box.result else { throw Failure("no result from \(name)") }
        return try result.get()
    }
}
