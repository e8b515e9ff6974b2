import Glibc
import Synchronization

/// Ports for the processes under test, below the range from which the kernel takes ports by itself, so that no
/// connection of another test occupies them between the choice and the use.
enum Ports {
    private static let next = Mutex(Int(getpid()) % 500 * 4)
    private static let range = 20_000..<22_000

    /// `first` for the listener on port 80, `second` (8,000 further) for one on 8080, and the proxy's own two.
    struct Block {
        var first: Int
        var second: Int { first + 8000 }
        var offset: Int { first - 80 }
        var admin: Int { first + 2000 }
        var telemetry: Int { first + 4000 }
    }

    static func block() throws -> Block {
        for _ in range {
            let number = next.withLock { next in
                next = (next + 1) % range.count
                return next
            }
            let block = Block(first: range.lowerBound + number)
            if [block.first, block.second, block.admin, block.telemetry].allSatisfy(isFree) { return block }
        }
        throw Failure("no free ports")
    }

    private static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var one: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        return SocketAddress("0.0.0.0", port: port).withPointer { bind(descriptor, $0, $1) } == 0
    }
}
