# SPDX-License-Identifier: Apache-2.0
"""`python -m ovm`: the command `ovm` without an installation."""

from ovm.cli.entry import main

if __name__ == "__main__":
    main()
