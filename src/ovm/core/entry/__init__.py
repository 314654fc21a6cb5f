# SPDX-License-Identifier: Apache-2.0
"""Where the processor enters OVM: reset, the gate page, Monitor of each CPU. All of its assembly is here."""
