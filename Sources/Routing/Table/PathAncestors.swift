/// Prefixes of one host, by which the longest one that lies above another is found: `/a` above `/a/b/c`, and the empty
/// one above all.
///
/// A search takes time by the bytes of the path, not by its elements times its bytes: paths are other people's texts.
struct PathAncestors {
    private struct Entry {
        var path: String
        var bucket: Int32
    }

    private let seed: UInt64
    /// Several only where hashes are equal by chance or on purpose.
    private var entries: [UInt64: [Entry]] = [:]
    /// Whether there is a path of so many bytes.
    private var lengths: [Bool] = []

    init(seed: UInt64, _ buckets: [String: Int32]) {
        self.seed = seed
        entries.reserveCapacity(buckets.count)
        lengths = Array(repeating: false, count: 1 + (buckets.keys.map(\.utf8.count).max() ?? 0))
        for (path, bucket) in buckets {
            entries[path.utf8.reduce(seed, ByteHash.step), default: []].append(Entry(path: path, bucket: bucket))
            lengths[path.utf8.count] = true
        }
    }

    /// The bucket of the longest path above this one; nil when there is none.
    func nearest(to path: String) -> Int32? {
        var hash = seed
        var candidates: [(length: Int, hash: UInt64)] = []
        for (length, byte) in path.utf8.enumerated() {
            if byte == UInt8(ascii: "/"), length < lengths.count, lengths[length], entries[hash] != nil {
                candidates.append((length, hash))
            }
            hash = ByteHash.step(hash, byte)
        }
        // Equal hashes are equal paths, but for accidents: the first look is the last.
        for candidate in candidates.reversed() {
            for entry in entries[candidate.hash] ?? []
            where entry.path.utf8.elementsEqual(path.utf8.prefix(candidate.length)) {
                return entry.bucket
            }
        }
        return nil
    }
}
