# SPDX-License-Identifier: Apache-2.0
"""beat: one periodic task that writes down how late it was, each time."""
