# SPDX-License-Identifier: Apache-2.0
"""Turn LLVM IR into machine code, and run it.

The only package of metal that starts build tools. `zig` drives the clang and lld inside the `ziglang`
wheel, `cache` keeps what they made, `image` links for ARM, `elf` reads the result, `stack` bounds its
stacks, `host` and `unicorn_run` execute it here.
"""
