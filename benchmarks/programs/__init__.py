# SPDX-License-Identifier: Apache-2.0
"""Bare programs: no operating system, no hypervisor."""
