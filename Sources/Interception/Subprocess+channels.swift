internal import Glibc

extension Subprocess {
    /// Three socket pairs for the standard streams.
    ///
    /// Socket pairs, not pipes: they can be made close-on-exec in one step, and writing to a program that has gone
    /// gives an error where a pipe would raise SIGPIPE.
    final class Channels {
        private(set) var ownEnds: [Int32] = []
        private(set) var childEnds: [Int32] = []

        init() throws(InterceptError) {
            for _ in 0..<3 {
                var pair: [Int32] = [-1, -1]
                let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
                guard socketpair(AF_UNIX, type, 0, &pair) == 0 else {
                    let reason = errorText(errno)
                    close()
                    throw .system(call: "socketpair", reason: reason)
                }
                ownEnds.append(pair[0])
                childEnds.append(pair[1])
            }
        }

        func closeChildEnds() {
            childEnds.forEach { _ = Glibc.close($0) }
            childEnds = []
        }

        func closeOwnEnd(_ stream: Int) {
            guard ownEnds[stream] >= 0 else { return }
            _ = Glibc.close(ownEnds[stream])
            ownEnds[stream] = -1
        }

        func close() {
            closeChildEnds()
            for stream in ownEnds.indices { closeOwnEnd(stream) }
        }
    }

    /// Bytes on their way to and from the program.
    struct Transfer {
        var input: [UInt8]
        var sent = 0
        var output: [UInt8] = []
        var diagnostics: [UInt8] = []

        init(input: [UInt8]) { self.input = input }

        /// Feeds and drains until the program closed both its outputs; the reason when it must be ended instead.
        mutating func run(_ channels: Channels, deadline: Int) -> String? {
            if input.isEmpty { channels.closeOwnEnd(0) }
            while channels.ownEnds[1] >= 0 || channels.ownEnds[2] >= 0 {
                let remaining = deadline - Subprocess.now()
                if remaining <= 0 { return "not finished after \(Subprocess.deadlineSeconds) s, ended" }
                // poll skips negative descriptors, which is what a closed end has become.
                var entries = channels.ownEnds.enumerated().map { stream, end in
                    pollfd(fd: end, events: Int16(stream == 0 ? POLLOUT : POLLIN), revents: 0)
                }
                let ready = poll(&entries, nfds_t(entries.count), Int32(clamping: remaining))
                if ready < 0, errno != EINTR { return "poll: \(errorText(errno))" }
                if ready <= 0 { continue }
                if entries[0].revents != 0 { feed(channels) }
                if entries[1].revents != 0 { Transfer.drain(channels, stream: 1, into: &output) }
                if entries[2].revents != 0 { Transfer.drain(channels, stream: 2, into: &diagnostics) }
                if max(output.count, diagnostics.count) > Subprocess.outputLimit {
                    return "printed more than \(Subprocess.outputLimit) bytes, ended"
                }
            }
            return nil
        }

        private mutating func feed(_ channels: Channels) {
            let end = channels.ownEnds[0]
            let count = input[sent...].withUnsafeBytes {
                send(end, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            }
            if count > 0 { sent += count }
            let gone = count < 0 && errno != EINTR && errno != EAGAIN
            if gone || sent == input.count { channels.closeOwnEnd(0) }
        }

        private static func drain(_ channels: Channels, stream: Int, into bytes: inout [UInt8]) {
            var chunk = [UInt8](repeating: 0, count: 16 * 1024)
            let count = recv(channels.ownEnds[stream], &chunk, chunk.count, Int32(MSG_DONTWAIT))
            if count > 0 {
                bytes += chunk[..<count]
            } else if count == 0 || (errno != EINTR && errno != EAGAIN) {
                channels.closeOwnEnd(stream)
            }
        }
    }
}
