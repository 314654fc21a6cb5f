# SPDX-License-Identifier: Apache-2.0
"""The steps from LLVM IR to machine code that runs.

This is the only package of metal that starts build tools. `zig` drives the clang and lld inside the `ziglang`
wheel, `cache` keeps their results, `image` links for ARM, `elf` reads the result, `stack` bounds its
stacks, `host` executes it here.
"""
