/// Paths and hosts that a rule changes (Gateway API HTTPPathModifier, HTTPURLRewriteFilter, HTTPRequestRedirectFilter).
extension RouteTable {
    /// The rewrite that applies when `share` (-1 for none) of a rule was drawn; -1 when there is none.
    package func rewrite(_ rule: Int32, share: Int32) -> Int32 {
        share < 0 ? rules.pointer(rule).pointee.rewrite : sharePointer(rule, share).pointee.rewrite
    }

    /// What replaces Host; nil keeps the client's.
    package func rewriteHost(_ rewrite: Int32) -> UnsafeRawBufferPointer? {
        let record = rewrites[rewrite]
        return record.hasHostname ? bytes(record.hostname) : nil
    }

    /// Writes the new request target, path and query. Returns its length, -1 when `target` is too small for it.
    package func rewritePath(_ rewrite: Int32, _ request: RequestView, into target: UnsafeMutableRawBufferPointer)
        -> Int
    {
        var writer = ByteWriter(target)
        append(rewrites[rewrite].path, request, to: &writer)
        return writer.result
    }

    package func redirectStatus(_ redirect: Int32) -> Int { Int(redirects[redirect].status) }

    /// Writes the `Location` of a redirect. `listenerPort` is the port of the frontend (not of the Host header);
    /// `isTLS` says how the request came. Returns its length, -1 when `target` is too small for it.
    ///
    /// Port: the written one; else with a written scheme that scheme's own; else the listener's. It is left out when it
    /// is 80 for http or 443 for https, and the query is kept. Without any host it is a path.
    package func writeLocation(
        _ redirect: Int32, _ request: RequestView, listenerPort: UInt16, isTLS: Bool,
        into target: UnsafeMutableRawBufferPointer
    ) -> Int {
        let record = redirects[redirect]
        var writer = ByteWriter(target)
        // Who does not say whom it asks (HTTP/1.0) is sent to another path of the same.
        guard record.hostname.length > 0 || !request.host.isEmpty else {
            append(record.path, request, to: &writer)
            return writer.result
        }
        let scheme = bytes(record.scheme)
        let isHTTPS = scheme.isEmpty ? isTLS : scheme.elementsEqual("https".utf8)
        let isHTTP = scheme.isEmpty ? !isTLS : scheme.elementsEqual("http".utf8)
        if scheme.isEmpty {
            writer.append(isTLS ? "https" : "http")
        } else {
            writer.append(scheme)
        }
        writer.append("://")
        writer.append(record.hostname.length > 0 ? bytes(record.hostname) : request.host)

        var port = record.port
        if port == 0 {
            port = scheme.isEmpty ? listenerPort : isHTTP ? 80 : isHTTPS ? 443 : listenerPort
        }
        if !(isHTTP && port == 80) && !(isHTTPS && port == 443) {
            writer.append(byte: UInt8(ascii: ":"))
            writer.append(decimal: port)
        }
        append(record.path, request, to: &writer)
        return writer.result
    }

    private func append(_ edit: PathEdit, _ request: RequestView, to writer: inout ByteWriter) {
        switch edit.kind {
        case .keep: writer.append(request.path)
        case .full: writer.append(bytes(edit.replacement))
        case .prefix: appendReplacedPrefix(edit, request.path, to: &writer)
        }
        guard request.hasQuery else { return }
        writer.append(byte: UInt8(ascii: "?"))
        writer.append(request.query)
    }

    /// Both prefix and replacement are kept without their trailing `/`, so what follows the prefix is empty or begins
    /// with `/` and joining is concatenation; an empty result is `/`.
    private func appendReplacedPrefix(_ edit: PathEdit, _ path: UnsafeRawBufferPointer, to writer: inout ByteWriter) {
        let prefixLength = Int(edit.prefixLength)
        // `*` of OPTIONS has no elements to replace.
        guard path.first == UInt8(ascii: "/"), prefixLength <= path.count else { return writer.append(path) }
        let rest = Bytes.slice(path, prefixLength, path.count)
        let replacement = bytes(edit.replacement)
        writer.append(replacement)
        writer.append(rest)
        if replacement.isEmpty && rest.isEmpty { writer.append(byte: UInt8(ascii: "/")) }
    }
}
