internal import Glibc

/// One event of an inotify descriptor.
struct InotifyEvent {
    private static let bufferSize = 64 << 10
    /// `wd`, `mask`, `cookie` and `len`, four bytes each, come before the name.
    private static let headerSize = 16

    var watch: Int32
    var mask: UInt32
    /// Empty when the watched folder itself is meant.
    var name: String

    func has(_ bits: Int32) -> Bool { mask & UInt32(bitPattern: bits) != 0 }

    /// The next batch, nil when there is none now.
    static func read(_ descriptor: Int32) -> [InotifyEvent]? {
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: bufferSize) { buffer, count in
            var result = unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            while result < 0, errno == EINTR {
                result = unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            }
            count = max(result, 0)
        }
        return bytes.isEmpty ? nil : parse(bytes)
    }

    private static func parse(_ bytes: [UInt8]) -> [InotifyEvent] {
        var events: [InotifyEvent] = []
        var offset = 0
        while offset + headerSize <= bytes.count {
            let length = Int(word(bytes, offset + 12))
            let end = min(offset + headerSize + length, bytes.count)
            let name = bytes[(offset + headerSize)..<end].prefix { $0 != 0 }
            events.append(
                InotifyEvent(
                    watch: Int32(bitPattern: word(bytes, offset)), mask: word(bytes, offset + 4),
                    name: String(decoding: name, as: UTF8.self)))
            offset = end
        }
        return events
    }

    private static func word(_ bytes: [UInt8], _ offset: Int) -> UInt32 {
        unsafe bytes.withUnsafeBytes { unsafe $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self) }
    }
}
