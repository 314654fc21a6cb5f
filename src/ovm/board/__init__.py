# SPDX-License-Identifier: Apache-2.0
"""The virtual ZC702: a Zynq-7000 each step of which depends on its state alone."""
