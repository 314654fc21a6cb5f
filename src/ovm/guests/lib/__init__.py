# SPDX-License-Identifier: Apache-2.0
"""What the sample guests share: calling OVM, printing, time, the vCPU page, an HRT guest's own devices."""
