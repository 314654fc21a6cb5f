# SPDX-License-Identifier: Apache-2.0
"""Hypercalls (`ovm.abi.hypercalls`): one table, handlers by subject.

Every argument is checked here, none is trusted.
"""
