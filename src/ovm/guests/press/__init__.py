# SPDX-License-Identifier: Apache-2.0
"""An NRT guest that compresses a real file with a foreign C library."""
