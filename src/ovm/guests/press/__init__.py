# SPDX-License-Identifier: Apache-2.0
"""An NRT guest that compresses a real file with a C library that nobody here wrote."""
