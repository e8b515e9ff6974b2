import Glibc

/// Rouses a thread that polls.
final class Wake: Sendable {
    /// To be polled for reading.
    let descriptor: Int32
    private let other: Int32

    init?() {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        (descriptor, other) = (ends[0], ends[1])
    }

    deinit {
        Glibc.close(descriptor)
        Glibc.close(other)
    }

    func signal() {
        // A full pipe rouses as well.
        var byte: UInt8 = 1
        _ = Glibc.write(other, &byte, 1)
    }

    func drain() {
        var bytes = [UInt8](repeating: 0, count: 512)
        while Glibc.read(descriptor, &bytes, bytes.count) == bytes.count {}
    }
}
