"""`python -m okta_auth`: the storage of a daemon, and its logins, from a terminal."""

import sys

from ._command import main

if __name__ == "__main__":
    sys.exit(main())
