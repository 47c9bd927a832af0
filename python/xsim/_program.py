"""The program `xsim`."""

import signal
import sys

from . import _xsim


def main() -> None:
    # Python would only note an interrupt while the program works.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    code = _xsim.main(sys.argv)
    sys.stdout.flush()
    sys.exit(code)
