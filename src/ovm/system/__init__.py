# SPDX-License-Identifier: Apache-2.0
"""The way from a system's description to its boot image.

`load` reads TOML into the `model`, `check` judges it, `plan` gives everything an address, `pack` freezes the plan
into the structures of `ovm.abi.config`, `build` compiles and links, `report` lists where everything was placed.
"""
