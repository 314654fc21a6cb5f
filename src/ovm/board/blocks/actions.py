# SPDX-License-Identifier: Apache-2.0
"""Actions of an exit of a block: what is left to do where it is taken."""

from typing import Final

from ovm.metal import u32

HANDLE: Final = 0  # its instruction is left to its handler
PASS_OVER: Final = u32(2)  # the condition failed: add the time for that, and continue with the next instruction
REFUSE: Final = 3  # the block may not be entered, or continued, now
DONE: Final = 4  # nothing is left to do
TAKEN: Final = 5  # update the predictor, and continue at another record
NOT_TAKEN: Final = 6  # a branch was not taken, and its counter was wrong or not sure: come back if there is time left
WRONG: Final = 7  # wait for a misprediction and come back
PASS_BRANCH: Final = u32(8)  # as PASS_OVER, and update the predictor
TAKEN_FAR: Final = 9  # as TAKEN, to the address of the page in progress + `at`
