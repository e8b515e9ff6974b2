import Foundation
import Glibc
import Testing

@testable import Interception

@_silgen_name("setns") private func enterNamespace(_ descriptor: Int32, _ type: Int32) -> Int32
@_silgen_name("setfsuid") private func setFileSystemUser(_ uid: UInt32) -> Int32
@_silgen_name("setfsgid") private func setFileSystemGroup(_ gid: UInt32) -> Int32

/// A network namespace of this test's own, deleted with the value.
final class NetworkNamespace: Sendable {
    let name: String

    init(_ role: String) throws {
        name = "weir-\(role)-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        try Tool.run("ip", "netns", "add", name)
        try Tool.run("ip", "-n", name, "link", "set", "lo", "up")
    }

    deinit { _ = try? Tool.run("ip", "netns", "del", name) }

    /// Runs a program in the namespace and returns what it printed.
    @discardableResult
    func run(_ words: String...) throws -> String { try Tool.run(["ip", "netns", "exec", name] + words) }

    /// Runs `body` on a thread of its own, which has entered the namespace and ends afterwards: nothing that the body
    /// does to its thread (namespace, capabilities, ids) stays.
    ///
    /// - Parameter uid: User and group that own the sockets the body makes, as the kernel's owner match sees them.
    func perform<Value: Sendable>(
        uid: UInt32 = 0, gid: UInt32 = 0, _ body: @escaping @Sendable () throws -> Value
    ) throws -> Value {
        let outcome = Outcome<Value>()
        let path = "/run/netns/\(name)"
        let thread = Thread {
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            defer { close(descriptor) }
            guard descriptor >= 0, enterNamespace(descriptor, 0) == 0 else {
                return outcome.finish(.failure(InterceptError.system(call: "setns", reason: errorText(errno))))
            }
            if gid != 0 { _ = setFileSystemGroup(gid) }
            if uid != 0 { _ = setFileSystemUser(uid) }
            outcome.finish(Result { try body() })
        }
        thread.start()
        return try outcome.wait()
    }

    /// Hands a thread's result over; the semaphore orders the one write before the one read.
    private final class Outcome<Value: Sendable>: @unchecked Sendable {
        private var result: Result<Value, any Error>?
        private let done = DispatchSemaphore(value: 0)

        func finish(_ value: Result<Value, any Error>) {
            result = value
            done.signal()
        }

        func wait() throws -> Value {
            done.wait()
            return try #require(result).get()
        }
    }
}

/// Programs that build the tests' networks.
enum Tool {
    @discardableResult
    static func run(_ words: String...) throws -> String { try run(words) }

    static func run(_ words: [String]) throws -> String {
        let variables = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"]
        let outcome = try Subprocess.run("/usr/bin/env", words, environment: variables)
        guard outcome.succeeded else {
            throw InterceptError.system(call: words.joined(separator: " "), reason: outcome.diagnostics)
        }
        return outcome.output
    }
}
