# SPDX-License-Identifier: Apache-2.0
"""The library of the sample guests: calling OVM, printing, time, the vCPU page, an HRT guest's own devices."""
