internal import Reactor

/// The process may not open as many descriptors as it takes to serve anybody.
package struct TooFewDescriptors: Error, CustomStringConvertible {
    let limit: Int

    package var description: String {
        """
        the process may have \(limit) descriptors open (RLIMIT_NOFILE, the hard limit of ulimit -n), and needs at least \
        \(DescriptorBudget.least); nothing was started
        """
    }
}
