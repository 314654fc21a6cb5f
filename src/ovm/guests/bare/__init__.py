# SPDX-License-Identifier: Apache-2.0
"""bare: a program for a Zynq-7000 that knows nothing of OVM."""
