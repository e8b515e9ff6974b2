import ArgumentParser
import Glibc

/// Reads a file that the command line names; `-` is standard input.
enum InputFile {
    /// More than any file of resources has; the YAML reader's own limit is the same.
    static let maximumBytes = 64 << 20
    private static let chunk = 64 << 10

    static func read(_ path: String, flag: String) throws -> [UInt8] {
        let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, flag, String(cString: strerror(errno))) }
        defer { if path != "-" { close(descriptor) } }
        var bytes: [UInt8] = []
        while true {
            let count = withUnsafeTemporaryAllocation(byteCount: chunk, alignment: 1) { room in
                let count = Glibc.read(descriptor, room.baseAddress, room.count)
                if count > 0 { bytes.append(contentsOf: room[..<count]) }
                return count
            }
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                throw failure(path, flag, String(cString: strerror(errno)))
            }
            guard bytes.count <= maximumBytes else {
                throw failure(path, flag, "has more than the \(maximumBytes) bytes allowed")
            }
        }
    }

    private static func failure(_ path: String, _ flag: String, _ reason: String) -> CommandFailure {
        CommandFailure("--\(flag): \(path): \(reason)")
    }
}

/// A command could not do its work; exit code 1.
struct CommandFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
