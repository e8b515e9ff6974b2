internal import Balancing
internal import HTTP
internal import Reactor
internal import Routing
internal import Telemetry

/// The last phase: what has happened is counted, and logged when asked for.
extension Worker {
    func record(_ exchange: Int32) {
        let e = exchanges[exchange]
        guard let snapshot = snapshots.snapshot(e.pointee.snapshot) else { return }
        let duration = now &- e.pointee.startedAt
        let kept = e.pointee.snapshot == SnapshotSlots.detached ? detached[exchange] : nil
        shard.recordRequest(
            door: e.pointee.door, route: kept?.numbers.route ?? snapshot.labels.route(e.pointee.rule),
            backend: kept?.numbers.backend ?? snapshot.labels.backend(e.pointee.backend), status: Int(e.pointee.status),
            flag: e.pointee.flag,
            durationNanoseconds: duration, requestBytes: e.pointee.requestBytes, responseBytes: e.pointee.responseBytes)
        if accessLog.mode.records(status: Int(e.pointee.status), flag: e.pointee.flag) {
            log(e.pointee, snapshot, kept, duration)
        }
    }

    /// Keeps what the log says of the request line, because the head is gone when the response ends.
    func rememberLine(_ exchange: Int32, _ bytes: UnsafeRawBufferPointer) {
        guard accessLog.mode != .off else { return }
        let e = exchanges[exchange]
        let method = Worker.cut(bytes[requestHead.methodRange.range], to: 32)
        let authority = Worker.cut(bytes[requestHead.authority.range], to: 255)
        let path = Worker.cut(bytes[requestHead.target.range], to: BufferPool.small - 512)
        guard buffers.append(method, to: &e.pointee.line.bytes), buffers.append(authority, to: &e.pointee.line.bytes),
            buffers.append(path, to: &e.pointee.line.bytes)
        else { return }
        e.pointee.line.methodLength = UInt16(method.count)
        e.pointee.line.authorityLength = UInt16(authority.count)
    }

    private static func cut(_ bytes: Slice<UnsafeRawBufferPointer>, to length: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes.prefix(length))
    }

    private func log(_ exchange: Exchange, _ snapshot: Snapshot, _ kept: DetachedRoute?, _ duration: UInt64) {
        let line = exchange.line.bytes.bytes
        let method = Int(exchange.line.methodLength)
        let authority = method + Int(exchange.line.authorityLength)
        var record = AccessLogRecord(door: exchange.door)
        record.method = UnsafeRawBufferPointer(rebasing: line.prefix(method))
        record.authority = UnsafeRawBufferPointer(rebasing: line[min(method, line.count)..<min(authority, line.count)])
        record.path = UnsafeRawBufferPointer(rebasing: line[min(authority, line.count)...])
        if exchange.rule >= 0 {
            let rule = snapshot.routes.rulePointer(exchange.rule)
            record.route = snapshot.routes.bytes(rule.pointee.ownerKey)
            record.ruleIndex = Int(rule.pointee.ownerRule)
            record.ruleName = snapshot.routes.bytes(rule.pointee.ruleName)
        }
        record.backend = snapshot.labels.backendName(exchange.backend)
        if exchange.addressed >= 0 { record.frontend = snapshot.routes.frontendName(exchange.addressed) }
        if let kept { return log(&record, exchange, kept, duration) }
        log(&record, exchange, duration)
    }

    /// The names of a request that has let go of its snapshot.
    private func log(
        _ record: inout AccessLogRecord, _ exchange: Exchange, _ kept: DetachedRoute, _ duration: UInt64
    ) {
        kept.routeName.withUnsafeBytes { routeName in
            kept.ruleName.withUnsafeBytes { ruleName in
                kept.backendName.withUnsafeBytes { backendName in
                    kept.frontendName.withUnsafeBytes { frontendName in
                        record.frontend = frontendName
                        record.route = routeName
                        record.ruleIndex = kept.ruleIndex
                        record.ruleName = ruleName
                        record.backend = backendName
                        log(&record, exchange, duration)
                    }
                }
            }
        }
    }

    private func log(_ record: inout AccessLogRecord, _ exchange: Exchange, _ duration: UInt64) {
        record.status = Int(exchange.status)
        record.flag = exchange.flag
        record.requestBytes = exchange.requestBytes
        record.responseBytes = exchange.responseBytes
        record.durationNanoseconds = duration
        record.reason = exchange.reason
        if exchange.remote.port != 0 {
            record.endpoint = writeAddress(exchange.remote, at: 0)
            record.attempts = exchange.attempts.count
            record.upstreamNanoseconds = now &- exchange.attemptAt
        }
        record.client = writeAddress(connections[exchange.client].pointee.remote, at: Worker.addressRoom)
        append(&record)
    }

    static var addressRoom: Int { 64 }

    func append(_ record: inout AccessLogRecord) {
        record.timestampMilliseconds = Clock.wallMilliseconds() &- record.durationNanoseconds / ProxyLimits.millisecond
        accessLog.append(record, now: now)
    }

    /// `address:port`, which stands in its scratch until the next one at that offset.
    func writeAddress(_ address: SocketAddress, at offset: Int) -> UnsafeRawBufferPointer {
        let room = UnsafeMutableRawBufferPointer(rebasing: addressScratch[offset..<(offset + Worker.addressRoom)])
        var host = room
        var start = 0
        if address.isIPv6 {
            room[0] = 0x5b
            host = UnsafeMutableRawBufferPointer(rebasing: room[1...])
            start = 1
        }
        let length = start + address.writeHost(into: host)
        var writer = ByteWriter(UnsafeMutableRawBufferPointer(rebasing: room[length...]))
        writer.append(address.isIPv6 ? "]:" : ":")
        writer.append(decimal: UInt64(address.port))
        return UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(room)[..<(length + writer.count)])
    }

    /// A request that was refused before it was an exchange.
    func logUnrouted(_ index: Int32, _ response: LocalResponse, flag: ResponseFlag) {
        guard accessLog.mode.records(status: response.status, flag: flag) else { return }
        var record = AccessLogRecord(door: connections[index].pointee.door)
        record.status = response.status
        record.reason = response.text
        record.responseBytes = response.bodyBytes
        record.flag = flag
        record.client = writeAddress(connections[index].pointee.remote, at: 0)
        append(&record)
    }
}
