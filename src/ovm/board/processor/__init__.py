# SPDX-License-Identifier: Apache-2.0
"""The core besides its instructions: status, exceptions, the way from addresses to records, stops for debuggers, accounts."""
