import Foundation

/// A folder that a test fills and removes.
struct ScratchFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "weir-controller-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    func write(_ name: String, _ text: String) throws {
        // As editors and volume mounts do it: the new file takes the old one's place at once.
        try text.write(toFile: path + "/" + name, atomically: true, encoding: .utf8)
    }

    func read(_ name: String) -> String { (try? String(contentsOfFile: path + "/" + name, encoding: .utf8)) ?? "" }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
