# SPDX-License-Identifier: Apache-2.0
"""What each predecoded record does: one file per instruction group of the manual."""
