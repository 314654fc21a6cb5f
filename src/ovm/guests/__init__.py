# SPDX-License-Identifier: Apache-2.0
"""Sample guests: each a folder with its source, a README and the console lines it must print.

A guest written in metal has a module `guest` that names its `ROOTS`, from which the compiler starts. One of them is
exported as `_start`.
"""
