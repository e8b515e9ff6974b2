import Foundation
import GatewayAPI
import Kubernetes
import Testing

@Suite struct ManifestWatcherTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// inotify queues an event before the call that caused it returns, so there is nothing to wait for.
    private func changed(_ watcher: ManifestWatcher, _ source: inout ManifestFolder) -> Bool {
        let hint = watcher.drain()
        _ = source.reload(hint)
        return hint != .nothing
    }

    private func names(_ source: ManifestFolder) -> [String] { source.resources.httpRoutes.keys.map(\.name).sorted() }

    @Test func writesMovesAndRemovalsAreSeen() throws {
        try folder.write("a.yaml", ManifestText.routeText("a", "{}"))
        let watcher = try ManifestWatcher(path: folder.path)
        var source = ManifestFolder(path: folder.path)
        _ = source.reload()
        #expect(watcher.drain() == .nothing && watcher.gap == nil)
        try folder.write("b.yaml", ManifestText.routeText("b", "{}"))
        #expect(watcher.drain() == .files(["\(folder.path)/b.yaml"]))
        _ = source.reload(.files(["\(folder.path)/b.yaml"]))
        #expect(names(source) == ["a", "b"])
        try folder.move("b.yaml", to: "a.yaml")
        #expect(changed(watcher, &source) && names(source) == ["b"])
        try folder.remove("a.yaml")
        #expect(changed(watcher, &source) && names(source) == [])
    }

    @Test func otherFilesDoNotWakeTheReader() throws {
        let watcher = try ManifestWatcher(path: folder.path)
        try folder.write("notes.txt", "x")
        try folder.write(".hidden.yaml", "x")
        #expect(watcher.drain() == .nothing)
    }

    @Test func aFileIsReadWhenWrittenNotWhenOpened() throws {
        let watcher = try ManifestWatcher(path: folder.path)
        let path = "\(folder.path)/a.yaml"
        let descriptor = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0o600)
        #expect(watcher.drain() == .nothing)
        close(descriptor)
        #expect(watcher.drain() == .files([path]))
    }

    @Test func newFoldersAreWatchedToo() throws {
        let watcher = try ManifestWatcher(path: folder.path)
        var source = ManifestFolder(path: folder.path)
        try folder.makeFolder("x/y")
        try folder.write("x/y/a.yaml", ManifestText.routeText("a", "{}"))
        #expect(changed(watcher, &source) && names(source) == ["a"])
        try folder.write("x/y/b.yaml", ManifestText.routeText("b", "{}"))
        #expect(changed(watcher, &source) && names(source) == ["a", "b"])
        try folder.remove("x")
        #expect(changed(watcher, &source) && names(source) == [])
    }

    /// How the kubelet changes a mounted ConfigMap: a new hidden folder, and a link renamed over the old one.
    @Test func theSwapOfAMountedConfigMapIsSeen() throws {
        try folder.makeFolder("..1")
        try folder.write("..1/a.yaml", ManifestText.routeText("a", "{}"))
        try folder.makeFolder("..1/sub")
        try folder.write("..1/sub/s.yaml", ManifestText.routeText("s1", "{}"))
        try folder.link("..data", to: "..1")
        try folder.link("a.yaml", to: "..data/a.yaml")
        try folder.link("sub", to: "..data/sub")
        let watcher = try ManifestWatcher(path: folder.path)
        var source = ManifestFolder(path: folder.path)
        _ = source.reload()
        #expect(names(source) == ["a", "s1"])
        for round in 2...3 {
            try folder.makeFolder("..\(round)/sub")
            try folder.write("..\(round)/a.yaml", ManifestText.routeText("a\(round)", "{}"))
            try folder.write("..\(round)/sub/s.yaml", ManifestText.routeText("s\(round)", "{}"))
            try folder.link("..data_tmp", to: "..\(round)")
            #expect(watcher.drain() == .nothing)
            try folder.move("..data_tmp", to: "..data")
            try folder.remove("..\(round - 1)")
            #expect(changed(watcher, &source) && names(source) == ["a\(round)", "s\(round)"])
        }
    }

    @Test func aFolderThatComesLateIsSeen() throws {
        let path = "\(folder.path)/late/manifests"
        let watcher = try ManifestWatcher(path: path)
        var source = ManifestFolder(path: path)
        _ = source.reload()
        #expect(source.problems.count == 1)
        try folder.makeFolder("late/manifests")
        try folder.write("late/manifests/a.yaml", ManifestText.routeText("a", "{}"))
        #expect(changed(watcher, &source) && names(source) == ["a"] && source.problems == [])
    }

    @Test func aFolderThatIsReplacedIsSeen() throws {
        try folder.makeFolder("one")
        try folder.makeFolder("two")
        try folder.write("one/a.yaml", ManifestText.routeText("one", "{}"))
        try folder.write("two/a.yaml", ManifestText.routeText("two", "{}"))
        try folder.link("current", to: "one")
        let watcher = try ManifestWatcher(path: "\(folder.path)/current")
        var source = ManifestFolder(path: "\(folder.path)/current")
        _ = source.reload()
        try folder.link("next", to: "two")
        try folder.move("next", to: "current")
        #expect(changed(watcher, &source) && names(source) == ["two"])
    }

    @Test func aChangeBehindALinkIsSeen() throws {
        try folder.makeFolder("outside")
        try folder.makeFolder("in")
        try folder.write("outside/real", ManifestText.routeText("a", "{}"))
        try folder.link("in/a.yaml", to: "../outside/real")
        let watcher = try ManifestWatcher(path: "\(folder.path)/in")
        var source = ManifestFolder(path: "\(folder.path)/in")
        _ = source.reload()
        try folder.write("outside/real", ManifestText.routeText("b", "{}"))
        #expect(changed(watcher, &source) && names(source) == ["b"])
    }
}
