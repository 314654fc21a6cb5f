# SPDX-License-Identifier: Apache-2.0
"""One file per cause of an entry; each ends in `ovm.core.leave`."""
