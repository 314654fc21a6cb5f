# SPDX-License-Identifier: Apache-2.0
"""The processor's entries into OVM: reset, the gate page, Monitor of each CPU. All of OVM's assembly is here."""
