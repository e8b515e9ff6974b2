extension RouteTable {
    /// The most specific host record of a space that covers `host`; -1 when none does. A single trailing dot is
    /// ignored.
    ///
    /// One pass from the right: at each dot the hash so far is that of a wildcard's suffix, at the end that of the
    /// host.
    @inline(__always)
    func mostSpecificHost(space index: Int32, host written: UnsafeRawBufferPointer) -> Int32 {
        let space = spaces[index]
        if space.isAnyOnly { return space.any }
        let host = Bytes.withoutTrailingDot(written)
        guard host.count <= TableLayout.longestHost else { return space.any }

        var best = space.any
        var hash = hashSeed
        var labels: UInt64 = 1
        var position = host.count
        while position > 0 {
            position -= 1
            let byte = Bytes.lowercased(host[position])
            if byte == UInt8(ascii: ".") {
                // A wildcard stands for one or more labels: something must be left of this dot.
                if position > 0, space.wildcardLabels & (1 << min(labels, 63)) != 0 {
                    let suffix = Bytes.slice(host, position + 1, host.count)
                    let found = findHost(index, isWildcard: true, hash: hash, name: suffix)
                    if found >= 0 { best = found }
                }
                labels += 1
            }
            hash = ByteHash.step(hash, byte)
        }
        let exact = findHost(index, isWildcard: false, hash: hash, name: host)
        return exact >= 0 ? exact : best
    }

    @inline(__always)
    private func findHost(_ space: Int32, isWildcard: Bool, hash: UInt64, name: UnsafeRawBufferPointer) -> Int32 {
        hostIndex.find(ByteHash.finish(hash, TableLayout.hostScope(space, isWildcard: isWildcard))) { position in
            let record = hosts[position]
            return record.space == space && record.isWildcard == isWildcard
                && Bytes.equalIgnoringCase(name, lower: bytes(record.name))
        }
    }
}
