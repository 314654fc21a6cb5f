# SPDX-License-Identifier: Apache-2.0
"""beat: one periodic task that records its lateness each time."""
