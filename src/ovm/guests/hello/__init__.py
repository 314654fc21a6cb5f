# SPDX-License-Identifier: Apache-2.0
"""hello: the smallest guest."""
