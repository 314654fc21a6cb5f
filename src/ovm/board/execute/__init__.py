# SPDX-License-Identifier: Apache-2.0
"""The handlers of predecoded records: one file per instruction group of the manual."""
