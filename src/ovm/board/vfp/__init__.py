# SPDX-License-Identifier: Apache-2.0
"""VFPv3-D32 and Advanced SIMD as Cortex-A9 has them: registers, a bit-exact softfloat, execution."""
