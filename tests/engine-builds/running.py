"""What the tests of real builds share."""
import time

GIT_OPTIONS = [word for name in ("author.name=Tests", "author.email=tests@example.org", "committer.name=Tests",
                                 "committer.email=tests@example.org", "commit.gpgsign=false") for word in ("-c", name)]


def run(forge, tests):
    """The tests in order: each goes on with what the ones before have built. Answers with the exit code."""
    passed = failed = 0
    for test in tests:
        began = time.monotonic()
        try:
            test(forge)
        except AssertionError as fault:
            failed += 1
            print(f"FAILED {test.__name__}: {fault}", flush=True)
        else:
            passed += 1
            print(f"passed {test.__name__} ({time.monotonic() - began:.1f} s)", flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def equal(got, wanted, what):
    assert got == wanted, f"{what}: {got} instead of {wanted}"
