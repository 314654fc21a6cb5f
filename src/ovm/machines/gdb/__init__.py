# SPDX-License-Identifier: Apache-2.0
"""GDB on the virtual board: the remote serial protocol, for the whole machine.

`server` waits for a debugger, `packets` cuts the stream into packets, `session` answers them, `registers` describes the
registers, `monitor` answers `monitor ...`, `target` is the interface to a machine that they all use, `board` implements it for
the virtual board, `history` goes back in time.

The protocol: "Debugging with GDB", appendix "GDB Remote Serial Protocol".
"""
