internal import GatewayAPI

/// The last good state of one manifest file, and what is wrong with its present one.
struct ManifestFile {
    struct Declaration {
        var resource: Resource
        /// The object as the file has it, in JSON; nil unless the limits ask for it.
        var document: [UInt8]?
        var line: Int
    }

    /// A file system may give two writes one time; a file read so soon after its last change is read again.
    private static let settlingTime: Int64 = 50_000_000

    /// What was read; nil makes the next look read it again.
    private(set) var identity: FileIdentity?
    private(set) var resources: [ResourceID: Declaration]
    /// What is left of objects that cannot be used and have no last good state.
    private(set) var remains: [ResourceID: UnservedRoute]
    /// By line.
    private(set) var problems: [Problem]
    /// Of kinds that no proxy reads, as far as the limits ask for them.
    private(set) var others: [Node] = []

    func isCurrent(_ other: FileIdentity) -> Bool { identity == other }

    static func read(_ path: String, previous: ManifestFile?, limits: ManifestLimits) -> ManifestFile {
        do throws(FileError) {
            let (bytes, identity) = try FileSystem.read(path, maximum: limits.yaml.bytes)
            let isSettled = FileSystem.now() &- max(identity.modified, identity.changed) > settlingTime
            var file: ManifestFile
            if let bytes {
                file = parse(bytes, path, previous, limits)
            } else {
                let error = YAMLError("has more than the \(limits.yaml.bytes) bytes allowed")
                file = keeping(previous, error, path)
            }
            file.identity = isSettled ? identity : nil
            return file
        } catch {
            return unreadable(path, error, previous: previous)
        }
    }

    static func unreadable(_ path: String, _ error: FileError?, previous: ManifestFile?) -> ManifestFile {
        keeping(previous, YAMLError(error?.message ?? "cannot be read"), path)
    }

    static func parse(
        _ bytes: [UInt8], _ path: String, _ previous: ManifestFile?, _ limits: ManifestLimits
    ) -> ManifestFile {
        do throws(YAMLError) {
            return ManifestFile(try ManifestParser.parse(bytes, file: path, limits: limits), path, previous)
        } catch {
            var advised = error
            if let advice = YAMLAdvice.of(bytes, line: error.line) { advised.message += " (\(advice))" }
            return keeping(previous, advised, path)
        }
    }

    /// The file cannot be read: its last good objects stay.
    private static func keeping(_ previous: ManifestFile?, _ error: YAMLError, _ path: String) -> ManifestFile {
        let count = previous?.resources.count ?? 0
        let consequence = count > 0 ? "its last good objects (\(count)) stay in use" : "none of its objects is used"
        let problem = Problem(
            severity: .error, id: .unreadableSource, object: path, message: "\(error.message); \(consequence)",
            file: path, line: error.line)
        return ManifestFile(
            identity: nil, resources: previous?.resources ?? [:], remains: previous?.remains ?? [:], problems: [problem]
        )
    }

    private init(
        identity: FileIdentity?, resources: [ResourceID: Declaration], remains: [ResourceID: UnservedRoute],
        problems: [Problem]
    ) {
        self.identity = identity
        self.resources = resources
        self.remains = remains
        self.problems = problems
    }

    /// An object that cannot be used keeps the state it last had in this file.
    private init(_ manifest: ParsedManifest, _ path: String, _ previous: ManifestFile?) {
        var resources: [ResourceID: Declaration] = [:]
        resources.reserveCapacity(manifest.objects.count)
        var remains: [ResourceID: UnservedRoute] = [:]
        var problems = manifest.problems
        var seen: [ResourceID: Int] = [:]
        for object in manifest.objects {
            let (id, line) = (object.id, object.line)
            if let first = seen[id] {
                problems.append(
                    Problem(
                        severity: .error, id: .declaredTwice, object: id.description,
                        message: "is declared in line \(first) of this file as well; this one is not used",
                        file: path, line: line))
                continue
            }
            seen[id] = line
            if var resource = object.resource {
                if let problem = SecretInspection.inspect(&resource, file: path, line: line) {
                    problems.append(problem)
                }
                resources[id] = Declaration(resource: resource, document: object.document, line: line)
            } else if let last = previous?.resources[id] {
                resources[id] = last
                problems.append(
                    Problem(
                        severity: .warning, id: .lastGoodInUse, object: id.description,
                        message: "its last good state stays in use",
                        file: path, line: line))
            } else {
                remains[id] = object.remains
            }
        }
        self.init(identity: nil, resources: resources, remains: remains, problems: problems)
        others = manifest.others
    }
}
