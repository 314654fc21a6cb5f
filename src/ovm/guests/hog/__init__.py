# SPDX-License-Identifier: Apache-2.0
"""hog: a guest that makes OVM work as long as it can, in one way of many."""
