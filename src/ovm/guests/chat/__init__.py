# SPDX-License-Identifier: Apache-2.0
"""chat: a guest with input."""
