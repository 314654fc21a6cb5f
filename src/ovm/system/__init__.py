# SPDX-License-Identifier: Apache-2.0
"""From a system's description to its boot image.

`load` reads TOML into the `model`, `check` judges it, `plan` gives everything an address, `pack` freezes the plan
into the structures of `ovm.abi.config`, `build` compiles and links, `report` says what went where.
"""
