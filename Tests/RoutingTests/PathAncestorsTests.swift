import Testing

@testable import Routing

@Suite("The nearest prefix above another") struct PathAncestorsTests {
    private static func ancestors(_ paths: [String]) -> PathAncestors {
        PathAncestors(
            seed: 7, Dictionary(uniqueKeysWithValues: paths.enumerated().map { ($0.element, Int32($0.offset)) }))
    }

    @Test(
        "is the longest that ends at an element, never the path itself",
        arguments: [
            ("/a/b/c", 2), ("/a/b", 1), ("/a", 0), ("/ab", 0), ("/a/bc", 1), ("/a/b/c/d", 2), ("/é/x", 3), ("", nil),
        ] as [(String, Int32?)])
    func nearest(_ path: String, _ expected: Int32?) {
        #expect(Self.ancestors(["", "/a", "/a/b", "/é", "/a/b/c/d", "/ab"]).nearest(to: path) == expected)
    }

    @Test("is what looking at every prefix finds")
    func oracle() {
        var random = SystemRandomNumberGenerator()
        let all = (0..<400).map { _ in
            (0..<Int.random(in: 0...5, using: &random)).map { _ in "/" + ["a", "b", "aa"].randomElement()! }.joined()
        }
        let paths = Array(Set(all.prefix(60)))
        let ancestors = Self.ancestors(paths)
        for path in all {
            let above = paths.indices.filter { path.hasPrefix(paths[$0] + "/") }
            let longest = above.max { paths[$0].utf8.count < paths[$1].utf8.count }
            #expect(ancestors.nearest(to: path) == longest.map { Int32($0) }, "\(path)")
        }
    }
}
