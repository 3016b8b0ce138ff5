"""Shared code of the programs in this directory: their arguments, and a report of the checks."""

import sys
import traceback
from urllib.parse import urlsplit


def arguments():
    """Returns the base URL of the server under test without a trailing slash, and the token of an editor."""
    if len(sys.argv) != 3 or not urlsplit(sys.argv[1]).netloc:
        sys.exit(f"usage: python3 {sys.argv[0]} BASE_URL TOKEN_OF_AN_EDITOR")
    return sys.argv[1].rstrip("/"), sys.argv[2]


def run(checks):
    """Runs the checks in order, and exits with status 1 after the first that fails: each uses what is there before it."""
    for check in checks:
        try:
            check()
        except Exception:
            traceback.print_exc()
            sys.exit(f"FAIL  {check.__doc__}")
        print(f"ok    {check.__doc__}")


def equal(found, expected):
    """Passes if both values are equal, and shows both otherwise."""
    assert found == expected, f"{found!r} is not {expected!r}"
