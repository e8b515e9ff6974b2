internal import Glibc

/// A system call that failed, with what it was doing.
package struct SystemError: Error, CustomStringConvertible, Sendable {
    package var call: String
    package var code: Int32

    package init(_ call: String, code: Int32) {
        self.call = call
        self.code = code
    }

    /// The failure that the calling thread's `errno` tells of.
    package init(_ call: String) {
        self.init(call, code: errno)
    }

    /// This machine or process has run out of something: descriptors, memory, local ports.
    package var isExhaustion: Bool {
        switch code {
        case EMFILE, ENFILE, ENOBUFS, ENOMEM, EADDRNOTAVAIL, EAGAIN: true
        default: false
        }
    }

    /// Somebody listens there already.
    package var isAddressInUse: Bool { code == EADDRINUSE }

    /// It is descriptors that have run out.
    package var isDescriptorExhaustion: Bool { code == EMFILE || code == ENFILE }

    /// What the kernel says of a peer that acknowledges nothing.
    package static let vanished = ETIMEDOUT

    /// Of a connection that was there: the other side acknowledges nothing any more, or no way leads to it.
    package static func isVanishing(_ code: Int32) -> Bool {
        code == ETIMEDOUT || code == EHOSTUNREACH || code == ENETUNREACH
    }

    package var description: String { "\(call): \(String(cString: strerror(code))) (errno \(code))" }
}
