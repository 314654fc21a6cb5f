# SPDX-License-Identifier: Apache-2.0
"""RAM: the bytes, and the time of DDR banks and of several masters at once."""
