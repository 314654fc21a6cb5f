# SPDX-License-Identifier: Apache-2.0
"""The command `ovm`, one file per command: parse, call, print, exit code. Nothing else of ours imports this."""
