internal import Glibc

/// What tells one content of a file from another without reading it.
struct FileIdentity: Hashable, Sendable {
    var device: UInt64
    var inode: UInt64
    var size: Int64
    /// Nanoseconds since 1970.
    var modified: Int64
    var changed: Int64
}

enum FileKind: Sendable {
    case regular
    case folder
    case other
}

struct FileStatus: Sendable {
    var kind: FileKind
    var identity: FileIdentity
}

/// Why a file or folder cannot be read.
package struct FileError: Error, Hashable {
    package var code: Int32

    var isMissing: Bool { code == ENOENT }

    package var message: String {
        switch code {
        case ENOENT: "does not exist"
        case EACCES, EPERM: "may not be read (permission denied)"
        case ENOTDIR: "is not a folder"
        case ELOOP: "is a symbolic link that leads to itself"
        default: unsafe String(cString: strerror(code))
        }
    }
}

/// The system calls that reading a folder takes, each tried again when a signal interrupts it.
enum FileSystem {
    /// Follows symbolic links.
    static func status(_ path: String) throws(FileError) -> FileStatus {
        var info = stat()
        guard unsafe stat(path, &info) == 0 else { throw FileError(code: errno) }
        return convert(info)
    }

    static func isSymbolicLink(_ path: String) -> Bool {
        var info = stat()
        return unsafe lstat(path, &info) == 0 && mode_t(info.st_mode) & S_IFMT == S_IFLNK
    }

    /// A regular file that has more names than this one, so it was complete before it came here.
    static func hasSeveralLinks(_ path: String) -> Bool {
        var info = stat()
        return unsafe lstat(path, &info) == 0 && info.st_nlink > 1
    }

    /// Where a path leads when every symbolic link in it is followed; nil when it leads nowhere.
    static func realPath(_ path: String) -> String? {
        guard let resolved = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }

    /// The names in a folder, without `.` and `..`, in no order.
    static func names(in folder: String) throws(FileError) -> [String] {
        guard let stream = unsafe opendir(folder) else { throw FileError(code: errno) }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) {
                    unsafe String(cString: $0)
                }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// The bytes of a regular file and its identity when it was opened. Nil when it is larger than `maximum`.
    static func read(_ path: String, maximum: Int) throws(FileError) -> (bytes: [UInt8]?, identity: FileIdentity) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw FileError(code: errno) }
        defer { close(descriptor) }
        var info = stat()
        guard unsafe fstat(descriptor, &info) == 0 else { throw FileError(code: errno) }
        let status = convert(info)
        guard status.identity.size <= maximum else { return (nil, status.identity) }
        return (try readAll(descriptor, expected: Int(status.identity.size), maximum: maximum), status.identity)
    }

    /// Nanoseconds since 1970.
    static func now() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return nanoseconds(time)
    }

    private static func readAll(_ descriptor: Int32, expected: Int, maximum: Int) throws(FileError) -> [UInt8]? {
        var bytes: [UInt8] = []
        while bytes.count <= maximum {
            // One byte more than is left, so that the end of the file is met in the first round.
            let capacity = max(expected - bytes.count, 0) + 4096
            var failure: Int32 = 0
            let chunk = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
                var result = unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                while result < 0, errno == EINTR {
                    result = unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                }
                failure = result < 0 ? errno : 0
                count = max(result, 0)
            }
            guard failure == 0 else { throw FileError(code: failure) }
            if chunk.isEmpty { return bytes }
            if bytes.isEmpty { bytes = chunk } else { bytes += chunk }
        }
        return nil
    }

    private static func convert(_ info: stat) -> FileStatus {
        let kind: FileKind =
            switch info.st_mode & S_IFMT {
            case S_IFREG: .regular
            case S_IFDIR: .folder
            default: .other
            }
        return FileStatus(
            kind: kind,
            identity: FileIdentity(
                device: UInt64(info.st_dev), inode: UInt64(info.st_ino), size: Int64(info.st_size),
                modified: nanoseconds(info.st_mtim), changed: nanoseconds(info.st_ctim)))
    }

    private static func nanoseconds(_ time: timespec) -> Int64 {
        Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }
}
