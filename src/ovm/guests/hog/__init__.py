# SPDX-License-Identifier: Apache-2.0
"""hog: a guest that makes OVM work as long as possible, in one of many ways."""
