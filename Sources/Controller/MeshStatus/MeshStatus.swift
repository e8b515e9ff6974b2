package import GatewayAPI

/// The proxies of a cluster, each with what it says or why it says nothing.
package struct MeshStatus: Hashable, Sendable {
    package struct Entry: Hashable, Sendable {
        package var pod: ProxyPod
        package var report: ProxyReport?
        /// Why there is no report.
        package var silence: String?
        /// The caller has no right to ask the proxy.
        package var isForbidden = false
    }

    package var entries: [Entry]

    package init(entries: [Entry]) {
        self.entries = entries.sorted { $0.pod.key < $1.pod.key }
    }
}

extension MeshStatus {
    /// What the caller has no right to see, a line for each namespace.
    package var hidden: [String] {
        Set(entries.filter(\.isForbidden).map(\.pod.key.namespace)).sorted().map { namespace in
            """
            what the proxies in namespace \(namespace) say is not shown: no right to get pods/proxy there \
            (kubectl auth can-i get pods --subresource=proxy -n \(namespace))
            """
        }
    }
}

// MARK: For people

extension MeshStatus {
    private static let heading = [
        "NAMESPACE", "POD", "ROLE", "VERSION", "READY", "SNAPSHOT", "AGE", "RULES", "NOTES",
    ]

    /// A table with a heading.
    package var text: String {
        guard !entries.isEmpty else { return "no pod runs a Weir proxy\n" }
        let rows = [Self.heading] + entries.map { Self.row($0).map { VisibleText.of($0) } }
        let widths = Self.heading.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = row.enumerated().map { position, cell in
                position == row.count - 1
                    ? cell : cell + String(repeating: " ", count: widths[position] - cell.count)
            }
            var line = cells.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined() + hidden.map { VisibleText.of($0) + "\n" }.joined()
    }

    private static func row(_ entry: Entry) -> [String] {
        let pod = entry.pod
        let report = entry.report
        return [
            pod.key.namespace, pod.key.name, pod.role.rawValue, report?.version ?? "-",
            report.map { $0.isReady ? "yes" : "no" } ?? "-", report.map { String($0.snapshotVersion) } ?? "-",
            report?.snapshotAge.map(age) ?? "-", entry.rules.rawValue, notes(entry),
        ]
    }

    private static func notes(_ entry: Entry) -> String {
        var notes: [String] = []
        if entry.pod.isBeingDeleted || entry.report?.isDraining == true { notes.append("ending") }
        if let silence = entry.silence { notes.append(silence) }
        if entry.report?.isSourceHealthy == false { notes.append("its source cannot be read") }
        if let problems = entry.report?.problems, problems > 0 {
            notes.append(problems == 1 ? "1 problem" : "\(problems) problems")
        }
        if let note = entry.rulesNote { notes.append(note) }
        return notes.joined(separator: "; ")
    }

    /// In the largest unit that fits, as kubectl writes it.
    static func age(_ seconds: Int64) -> String {
        let units: [(size: Int64, name: String)] = [(86_400, "d"), (3_600, "h"), (60, "m")]
        for unit in units where seconds >= unit.size * 2 { return "\(seconds / unit.size)\(unit.name)" }
        return "\(max(seconds, 0))s"
    }
}

// MARK: For programs

extension MeshStatus {
    package var json: JSONText {
        .object([
            ("proxies", .array(entries.map(Self.json))), ("hidden", .array(hidden.map(JSONText.string))),
        ])
    }

    private static func json(_ entry: Entry) -> JSONText {
        let pod = entry.pod
        var members: [(String, JSONText)] = [
            ("namespace", .string(pod.key.namespace)), ("pod", .string(pod.key.name)),
            ("role", .string(pod.role.rawValue)), ("phase", .string(pod.phase)),
            ("rules", pod.redirect == .notNeeded ? .null : .string(entry.rules.rawValue)),
            ("redirect", pod.redirect == .notNeeded ? .null : .string(pod.redirect.rawValue)),
        ]
        if let report = entry.report {
            members += [
                ("version", .string(report.version)), ("ready", .bool(report.isReady)),
                ("draining", .bool(report.isDraining)), ("snapshotVersion", .number(report.snapshotVersion)),
                ("snapshotAgeSeconds", report.snapshotAge.map(JSONText.number) ?? .null),
                ("rulesLacking", report.rules.map { .array($0.lacking.map(JSONText.string)) } ?? .null),
                ("sourceHealthy", .bool(report.isSourceHealthy)), ("problems", .number(report.problems)),
            ]
        }
        if let silence = entry.silence { members.append(("error", .string(silence))) }
        return .object(members)
    }
}
