# SPDX-License-Identifier: Apache-2.0
"""The one physical UART: a driver per kind, chosen when the image is built."""
