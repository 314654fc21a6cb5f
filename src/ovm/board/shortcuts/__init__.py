# SPDX-License-Identifier: Apache-2.0
"""Short cuts that the loop derives from the state of memory, and the events that end them."""
