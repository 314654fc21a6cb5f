# SPDX-License-Identifier: Apache-2.0
"""still: a victim that holds still."""
