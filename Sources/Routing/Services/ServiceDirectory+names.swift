package import GatewayAPI
internal import Glibc

/// Looking up by names. Not for a request's path.
extension ServiceDirectory {
    /// The Service that the entry is a port of.
    package func service(_ entry: Int32) -> ObjectKey {
        let (namespace, name) = words(entry)
        return ObjectKey(
            namespace: String(decoding: namespace, as: UTF8.self), name: String(decoding: name, as: UTF8.self))
    }

    /// The entries of one Service, a port each.
    package func entries(of service: ObjectKey) -> Range<Int32> {
        let wanted = service.description
        return entries { Self.compare(key($0), wanted) }
    }

    /// The entries of all Services of a namespace.
    package func entries(in namespace: String) -> Range<Int32> {
        let wanted = namespace + "/"
        return entries { Self.compare(Bytes.slice(key($0), 0, min(key($0).count, wanted.utf8.count)), wanted) }
    }

    /// -1 when the Service has no such port.
    package func entry(of service: ObjectKey, port: UInt16) -> Int32 {
        entries(of: service).first { entries[$0].port == port } ?? -1
    }

    /// Those for which `order` is 0: it is negative before them and positive behind.
    private func entries(_ order: (Int32) -> Int) -> Range<Int32> {
        func first(_ isReached: (Int32) -> Bool) -> Int32 {
            var range = 0..<count
            while !range.isEmpty {
                let middle = range.lowerBound + Int32(range.count / 2)
                range = isReached(middle) ? range.lowerBound..<middle : middle + 1..<range.upperBound
            }
            return range.lowerBound
        }
        return first { order($0) >= 0 }..<first { order($0) > 0 }
    }

    /// `namespace/name`: the text that `ObjectKey` is ordered by.
    private func key(_ entry: Int32) -> UnsafeRawBufferPointer {
        let whole = name(entry)
        return Bytes.slice(whole, 0, whole.lastIndex(of: UInt8(ascii: ":")) ?? whole.count)
    }

    private func words(_ entry: Int32) -> (namespace: UnsafeRawBufferPointer, name: UnsafeRawBufferPointer) {
        let whole = key(entry)
        let split = Int(entries[entry].namespaceLength)
        return (Bytes.slice(whole, 0, split), Bytes.slice(whole, split + 1, whole.count))
    }

    /// The order of strings of ASCII.
    private static func compare(_ bytes: UnsafeRawBufferPointer, _ text: String) -> Int {
        var text = text
        return text.withUTF8 { other in
            let common = min(bytes.count, other.count)
            if common > 0, let a = bytes.baseAddress, let b = other.baseAddress {
                let order = memcmp(a, b, common)
                if order != 0 { return Int(order) }
            }
            return bytes.count - other.count
        }
    }
}
