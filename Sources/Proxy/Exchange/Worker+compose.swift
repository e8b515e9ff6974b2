internal import Balancing
internal import HTTP
internal import Reactor
internal import Routing
internal import Telemetry

/// Heads as they leave: the lines that came, copied in runs, without what concerns one connection only, and with what
/// the route and the door change.
extension Worker {
    // MARK: Requests

    func composeRequest(
        _ exchange: Int32, _ request: RoutedRequest, _ snapshot: Snapshot, into writer: inout ByteWriter
    ) {
        let e = exchanges[exchange]
        let routes = snapshot.routes
        let rule = e.pointee.rule
        let rewrite = rule >= 0 ? routes.rewrite(rule, share: e.pointee.share) : -1
        writeRequestLine(request, rewrite, routes, into: &writer)
        let host = rewrite >= 0 ? routes.rewriteHost(rewrite) : nil
        let edits = rule >= 0 ? routes.requestEdits(rule, share: e.pointee.share) : nil
        // A header filter that sets Host writes the one Host there is.
        if edits.map({ !changes(.host, $0) }) ?? true { writeHost(host, exchange, request, into: &writer) }
        var drops: UInt64 = KnownField.weirRouted.bit | KnownField.weirFailure.bit | KnownField.weirHops.bit
        var screen = FieldScreen.inside
        if host != nil || requestHead.isAbsolute { drops |= KnownField.host.bit }
        if e.pointee.door == .gateway {
            drops |= Worker.forwardedFields
            screen = connections[e.pointee.client].pointee.flags.contains(.trusted) ? .trusted : .untrusted
        }
        copyFields(
            requestHead.fields, request.bytes, drops: drops, screen: screen, keeping: requestHead.upgradeFieldIndex,
            edits, into: &writer)
        if requestHead.upgrade { writer.append("connection: upgrade\r\n") }
        // The client's coding ended here; the body is framed anew, and the endpoint must know how.
        if e.pointee.flags.contains(.chunkedRequest) { writer.append("transfer-encoding: chunked\r\n") }
        if screen == .trusted, edits.map({ !changes(.forwarded, $0) }) ?? true {
            writeForwardedElements(request, into: &writer)
        }
        if let edits { appendEdits(edits, into: &writer) }
        if e.pointee.door == .gateway { writeForwarded(exchange, request, edits, into: &writer) }
        writeRouted(exchange, snapshot, into: &writer)
        HopCount(requestHead.fields, in: request.bytes).write(into: &writer)
        writer.append("\r\n")
    }

    private func changes(_ known: KnownField, _ edits: HeaderEdits) -> Bool {
        guard !edits.isEmpty else { return false }
        let name = known.name
        return edits.drops(UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    }

    private static var forwardedFields: UInt64 {
        KnownField.xForwardedFor.bit | KnownField.xForwardedProto.bit | KnownField.xForwardedHost.bit
            | KnownField.forwarded.bit
    }

    private func writeRequestLine(
        _ request: RoutedRequest, _ rewrite: Int32, _ routes: RouteTable, into writer: inout ByteWriter
    ) {
        writer.append(request.view.method)
        writer.append(" ")
        if rewrite >= 0 {
            let room = UnsafeMutableRawBufferPointer(rebasing: pathScratch[(pathScratch.count / 2)...])
            // A target that does not fit is left out whole: a request line without one is refused by any endpoint.
            let length = max(0, routes.rewritePath(rewrite, request.view, into: room))
            writer.append(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(room)[..<length]))
        } else if request.isPathChanged || requestHead.isAbsolute {
            writer.append(request.path)
            if request.view.hasQuery {
                writer.append("?")
                writer.append(request.view.query)
            }
        } else {
            writer.append(request.bytes, requestHead.target)
        }
        writer.append(" HTTP/1.1\r\n")
    }

    /// A host that is not the Host line as it came: rewritten by the route, or taken from an absolute-form target.
    /// HTTP/1.1 has one in any case: for a client of HTTP/1.0 that says none it is the address that it has dialled.
    private func writeHost(
        _ rewritten: UnsafeRawBufferPointer?, _ exchange: Int32, _ request: RoutedRequest,
        into writer: inout ByteWriter
    ) {
        let authority = request.slice(requestHead.authority)
        guard rewritten != nil || requestHead.isAbsolute || authority.isEmpty else { return }
        writer.append("host: ")
        if rewritten == nil && authority.isEmpty {
            appendDialled(connections[exchanges[exchange].pointee.client], into: &writer)
        } else {
            writer.append(rewritten ?? authority)
        }
        writer.append("\r\n")
    }

    private func appendDialled(_ client: UnsafeMutablePointer<Connection>, into writer: inout ByteWriter) {
        let isGateway = client.pointee.door == .gateway
        let local = isGateway ? Socket.localAddress(client.pointee.fd) : client.pointee.destination
        guard let local else { return }
        if local.isIPv6 { writer.append("[") }
        append(addressOf: local, into: &writer)
        if local.isIPv6 { writer.append("]") }
        writer.append(":")
        writer.append(decimal: UInt64(local.port))
    }

    private func append(addressOf address: SocketAddress, into writer: inout ByteWriter) {
        // The head's path is composed already, so its scratch is free for the address.
        let room = UnsafeMutableRawBufferPointer(rebasing: pathScratch[..<64])
        let length = address.writeHost(into: room)
        writer.append(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(room)[..<length]))
    }

    /// Who asked, by which scheme, for which host: behind what a trusted peer says, else said anew. One line for each,
    /// and none where the route has set or removed the field: its word is the last.
    private func writeForwarded(
        _ exchange: Int32, _ request: RoutedRequest, _ edits: HeaderEdits?, into writer: inout ByteWriter
    ) {
        let client = connections[exchanges[exchange].pointee.client]
        let isTrusted = client.pointee.flags.contains(.trusted)
        func isOurs(_ known: KnownField) -> Bool { edits.map { !changes(known, $0) } ?? true }
        if isOurs(.xForwardedFor) {
            writer.append("x-forwarded-for: ")
            if isTrusted { appendAddresses(request, into: &writer) }
            append(addressOf: client.pointee.remote, into: &writer)
            writer.append("\r\n")
        }
        if isOurs(.xForwardedProto) {
            writer.append("x-forwarded-proto: ")
            if !isTrusted || !appendFirst(.xForwardedProto, request, ForwardedMember.isScheme, into: &writer) {
                writer.append(client.pointee.tls == nil ? "http" : "https")
            }
            writer.append("\r\n")
        }
        if isOurs(.xForwardedHost) { writeForwardedHost(request, isTrusted: isTrusted, into: &writer) }
    }

    /// Nothing for a request that names no host.
    private func writeForwardedHost(_ request: RoutedRequest, isTrusted: Bool, into writer: inout ByteWriter) {
        let authority = request.slice(requestHead.authority)
        let written = writer
        writer.append("x-forwarded-host: ")
        if !isTrusted || !appendFirst(.xForwardedHost, request, ForwardedMember.isHost, into: &writer) {
            guard !authority.isEmpty else {
                writer = written
                return
            }
            writer.append(authority)
        }
        writer.append("\r\n")
    }

    /// The elements of the peer's `Forwarded` lines that say something, on one line.
    private func writeForwardedElements(_ request: RoutedRequest, into writer: inout ByteWriter) {
        guard requestHead.fields.contains(.forwarded) else { return }
        var isFirst = true
        for index in 0..<requestHead.fields.count where requestHead.fields[index].known == .forwarded {
            let value = requestHead.fields[index].value.range
            var position = value.lowerBound
            while let element = ForwardedElement.next(request.bytes, value, from: &position) {
                writer.append(isFirst ? "forwarded: " : ", ")
                writer.append(request.bytes, element)
                isFirst = false
            }
        }
        if !isFirst { writer.append("\r\n") }
    }

    /// The addresses that the peer's X-Forwarded-For lines list, each with a comma behind it. What is no address says
    /// nothing.
    private func appendAddresses(_ request: RoutedRequest, into writer: inout ByteWriter) {
        guard requestHead.fields.contains(.xForwardedFor) else { return }
        for index in 0..<requestHead.fields.count where requestHead.fields[index].known == .xForwardedFor {
            let value = requestHead.fields[index].value.range
            var position = value.lowerBound
            while let member = FieldValue.nextElement(request.bytes, value, from: &position) {
                guard ForwardedMember.isAddress(request.bytes, member) else { continue }
                writer.append(request.bytes, member)
                writer.append(", ")
            }
        }
    }

    /// The first member of a field that means something; false when there is none.
    private func appendFirst(
        _ known: KnownField, _ request: RoutedRequest, _ isValid: (UnsafeRawBufferPointer, Range<Int>) -> Bool,
        into writer: inout ByteWriter
    ) -> Bool {
        guard requestHead.fields.contains(known) else { return false }
        for index in 0..<requestHead.fields.count where requestHead.fields[index].known == known {
            let value = requestHead.fields[index].value.range
            var position = value.lowerBound
            while let member = FieldValue.nextElement(request.bytes, value, from: &position) {
                guard isValid(request.bytes, member) else { continue }
                writer.append(request.bytes, member)
                return true
            }
        }
        return false
    }

    /// Tells the next sidecar what has been applied, so that no route is applied twice.
    private func writeRouted(_ exchange: Int32, _ snapshot: Snapshot, into writer: inout ByteWriter) {
        let e = exchanges[exchange]
        switch e.pointee.door {
        case .inbound:
            guard e.pointee.backend >= 0 else { return }
            writer.append("weir-routed: mesh -\r\n")
        case .outbound where e.pointee.frontend < 0:
            writer.append("weir-routed: mesh -\r\n")
        case .outbound, .gateway:
            // Hosts outside the cluster learn nothing of its names.
            guard snapshot.endpoints.isService(e.pointee.backend) else { return }
            writer.append("weir-routed: ")
            writer.append(snapshot.routes.routedFrontend(e.pointee.frontend))
            if e.pointee.rule >= 0 {
                writer.append(snapshot.routes.routedRoutes(e.pointee.rule))
            } else {
                writer.append("-")
            }
            writer.append("\r\n")
        }
    }

    // MARK: Responses

    func composeResponse(_ exchange: Int32, _ head: UnsafeRawBufferPointer, into writer: inout ByteWriter) {
        let e = exchanges[exchange]
        writer.append("HTTP/1.1 ")
        writer.append(decimal: UInt64(responseHead.status))
        writer.append(" ")
        writer.append(head, responseHead.reason)
        writer.append("\r\n")
        let edits = responseEdits(of: e.pointee, number: exchange)
        var drops: UInt64 = KnownField.weirFailure.bit
        if responseHead.body == .chunked { drops |= KnownField.transferEncoding.bit }
        copyFields(
            responseHead.fields, head, drops: drops, screen: nil, keeping: responseHead.upgradeFieldIndex, edits,
            into: &writer)
        if let edits { appendEdits(edits, into: &writer) }
        writeDate(edits, into: &writer)
        if e.pointee.flags.contains(.chunkedResponse) { writer.append("transfer-encoding: chunked\r\n") }
        writePersistence(e.pointee, into: &writer)
        writer.append("\r\n")
    }

    /// RFC 9110 section 6.6.1: a response that has no date gets that of its receipt. A route that changes the field has
    /// its way.
    private func writeDate(_ edits: HeaderEdits?, into writer: inout ByteWriter) {
        guard !responseHead.fields.contains(.date), !responseHead.isSwitchingProtocols else { return }
        if let edits {
            for position in 0..<edits.count where isName(.date, edits.name(position)) { return }
        }
        writer.append("date: ")
        writer.append(dateClock.date(now: now))
        writer.append("\r\n")
    }

    private func isName(_ known: KnownField, _ name: UnsafeRawBufferPointer) -> Bool {
        FieldValue.equals(name, 0..<name.count, known.name)
    }

    private func writePersistence(_ exchange: Exchange, into writer: inout ByteWriter) {
        if responseHead.isSwitchingProtocols {
            writer.append("connection: upgrade\r\n")
        } else if !exchange.flags.contains(.keepsClient) {
            writer.append("connection: close\r\n")
        } else if exchange.flags.contains(.isHTTP10) {
            writer.append("connection: keep-alive\r\n")
        }
    }

    func composeInterim(_ head: UnsafeRawBufferPointer, into writer: inout ByteWriter) {
        writer.append("HTTP/1.1 ")
        writer.append(decimal: UInt64(responseHead.status))
        writer.append(" ")
        writer.append(head, responseHead.reason)
        writer.append("\r\n")
        copyFields(
            responseHead.fields, head, drops: KnownField.weirFailure.bit, screen: nil, keeping: nil, nil,
            into: &writer)
        writer.append("\r\n")
    }

    // MARK: Fields

    /// Copies field lines, unchanged neighbours in one piece.
    /// - Parameter screen: of a request: what goes no further than the door.
    private func copyFields(
        _ fields: FieldTable, _ bytes: UnsafeRawBufferPointer, drops: UInt64, screen: FieldScreen?, keeping: Int?,
        _ edits: HeaderEdits?, into writer: inout ByteWriter
    ) {
        guard fields.count > 0 else { return }
        let checksEdits = edits.map { !$0.isEmpty } ?? false
        var runStart = fields[0].lineStart
        for position in 0..<fields.count {
            let field = fields[position]
            var isDropped = field.known.bit & drops != 0 && field.known != .other
            if field.hopByHop && position != keeping { isDropped = true }
            if !isDropped, let screen { isDropped = screen.stops(field, in: bytes) }
            if !isDropped && checksEdits, let edits {
                isDropped = edits.drops(UnsafeRawBufferPointer(rebasing: bytes[field.name.range]))
            }
            guard isDropped else { continue }
            if runStart < field.lineStart { writer.append(bytes, runStart..<field.lineStart) }
            runStart = field.lineEnd
        }
        let end = fields[fields.count - 1].lineEnd
        if runStart < end { writer.append(bytes, runStart..<end) }
    }

    private func appendEdits(_ edits: HeaderEdits, into writer: inout ByteWriter) {
        for position in 0..<edits.count where edits.kind(position) != .remove {
            writer.append(edits.name(position))
            writer.append(": ")
            writer.append(edits.value(position))
            writer.append("\r\n")
        }
    }
}
