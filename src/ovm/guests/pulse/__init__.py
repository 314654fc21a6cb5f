# SPDX-License-Identifier: Apache-2.0
"""pulse: a control loop with hard real-time needs."""
