# SPDX-License-Identifier: Apache-2.0
"""OVM: a paravirtualizing hypervisor for Cortex-A9 SoCs without virtualization extensions."""
