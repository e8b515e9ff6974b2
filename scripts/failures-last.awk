# Passes a test runner's output on and says the failures again at its end, where a reader (or a service that keeps the
# last lines only) looks for them: among thousands of lines of tests that run at once they are not found.
BEGIN { most = 200 }
{ print; fflush() }
# What Swift Testing says of an issue, its comments below it, and what a crash leaves. Two lines with the mark of a comment
# stand at the head of every run.
/^✘/ || (/^↳/ && !/^↳ (Testing Library Version|Target Platform):/) || /^error:/ || /[Ff]atal error:/ { if (count < most) failures[count++] = $0 }
END {
    if (count == 0) exit
    print "\nFailures of this run, once more:"
    for (i = 0; i < count; i++) print failures[i]
}
