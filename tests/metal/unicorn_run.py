# SPDX-License-Identifier: Apache-2.0
"""The runner of metal compiled for ARM under Unicorn: the machine code itself, on a processor model that is not ours.

A unit is linked to a fixed address and called one function at a time, by the procedure call standard
(AAPCS, ARM IHI 0042, section 5.5). Functions that the unit leaves to others, `metal_panic` among them, get
addresses in a page of their own and are answered in Python. CP15 and barriers are Unicorn's own.

Unicorn is a test tool: only this module imports it, and only when a program is made.
"""

import importlib
from collections.abc import Callable, Sequence
from typing import Any

from ovm.metal.build.cache import Cache
from ovm.metal.build.elf import Elf
from ovm.metal.build.errors import BuildError
from ovm.metal.build.handlers import Handlers
from ovm.metal.build.image import Compiled, link_arm, objects_of
from ovm.metal.build.outcomes import panic_of
from ovm.metal.build.prototypes import Prototype, prototypes
from ovm.metal.lang import memory as simulated
from ovm.metal.lang.errors import SimulationError

PAGE_BYTES = 4096
IMAGE_START = 0x0001_0000
STACK_TOP = 0x8000_0000
STACK_BYTES = 0x0010_0000
GATE_START = 0xF000_0000
_GATE_STEP = 16
_RETURN = GATE_START + 0xFF0
_PANIC = "metal_panic"
_BX_LR = bytes.fromhex("1eff2fe1")
_SCRIPT = f"""
SECTIONS {{
  . = {IMAGE_START:#x};
  .text : {{ *(.text .text.*) }}
  .rodata : {{ *(.rodata .rodata.*) }}
  . = ALIGN({PAGE_BYTES});
  .data : {{ *(.data .data.*) }}
  .bss : {{ *(.bss .bss.*) *(COMMON) }}
  /DISCARD/ : {{ *(.ARM.exidx .ARM.exidx.*) }}
}}
"""


class UnicornMemory(simulated.Memory):
    """The memory of one emulated program, seen as metal's simulated memory."""

    def __init__(self, emulator: Any) -> None:
        super().__init__(simulated.Image())
        self._emulator = emulator

    def read(self, address: int, size: int) -> bytes:
        """Return plain bytes."""
        return bytes(self._emulator.mem_read(address, size))

    def write(self, address: int, data: bytes) -> None:
        """Store plain bytes."""
        self._emulator.mem_write(address, bytes(data))


class UnicornProgram:
    """A unit compiled for ARM, loaded into an emulated Cortex-A9."""

    def __init__(
        self, unit: Compiled, handlers: Handlers | None = None, *, optimise: str = "2", cache: Cache | None = None
    ) -> None:
        self._unicorn: Any = importlib.import_module("unicorn")
        self._registers: Any = importlib.import_module("unicorn.arm_const")
        self.handlers = handlers or Handlers()
        self.prototypes = prototypes(*unit.parts.values())
        objects = [Elf(each) for each in objects_of(unit, optimise, cache)]
        defined = {name for each in objects for name in each.symbols}
        self.externs = [name for each in objects for name in each.undefined if name not in defined]
        self.elf = Elf(_link(unit, self.externs, optimise, cache))
        self.instructions: int | None = None
        self._called = ""
        self._pending: BaseException | None = None
        self._emulator: Any = self._unicorn.Uc(self._unicorn.UC_ARCH_ARM, self._unicorn.UC_MODE_ARM)
        self._emulator.ctl_set_cpu_model(self._registers.UC_CPU_ARM_CORTEX_A9)
        self.memory = UnicornMemory(self._emulator)
        self._mapped: set[int] = set()
        self._prepare()

    def map(self, start: int, size: int) -> None:
        """Let a range of addresses exist, zeroed where it did not before."""
        for page in range(start // PAGE_BYTES, -(-(start + size) // PAGE_BYTES)):
            if page not in self._mapped:
                self._mapped.add(page)
                self._emulator.mem_map(page * PAGE_BYTES, PAGE_BYTES)

    def reset(self) -> None:
        """Write the image's data again and zero the rest of its memory. Other mapped memory stays."""
        for segment in self.elf.segments:
            content = segment.data + bytes(segment.memory_size - len(segment.data))
            self._emulator.mem_write(segment.virtual, content)

    def count_instructions(self) -> None:
        """Count from now on the instructions that each call executes, in `instructions`. This slows the program down."""

        def step(_address: int) -> None:
            self.instructions = (self.instructions or 0) + 1

        self.instructions = 0
        self.hear_instructions(step)

    def hear_instructions(self, heard: Callable[[int], None]) -> None:
        """Call `heard` from now on with the address of each instruction before it is executed."""
        hook = self._unicorn.UC_HOOK_CODE
        self._emulator.hook_add(hook, lambda _emulator, address, _size, _data: heard(address), None, 0, GATE_START - 1)

    @property
    def static_symbols(self) -> tuple[str, ...]:
        """Return the names of its statics."""
        return tuple(symbol.name for symbol in self.elf.symbols.values() if symbol.kind == "object")

    def address_of(self, symbol: str) -> int:
        """Return the address of a static or function."""
        return self.elf.address_of(symbol)

    def call(self, symbol: str, *arguments: int) -> int | None:
        """Call a function by its symbol; arguments and result are bits, as unsigned numbers."""
        prototype = self.prototypes.get(symbol)
        if prototype is None or not prototype.is_defined:
            raise BuildError("B011", f"the unit has no function '{symbol}'")
        if len(prototype.parameters) != len(arguments):
            raise TypeError(f"{symbol} takes {len(prototype.parameters)} arguments, not {len(arguments)}")
        self._pass_arguments(prototype, arguments)
        self._set("LR", _RETURN)
        self._called = symbol
        if self.instructions is not None:
            self.instructions = 0
        self._run(self.elf.address_of(symbol))
        return None if prototype.result is None else self._result(prototype.result)

    def _run(self, start: int) -> None:
        try:
            self._emulator.emu_start(start, _RETURN)
        except self._unicorn.UcError as error:
            self._raise_pending()
            raise SimulationError(f"the program failed at {self._where()}: {error}") from error
        self._raise_pending()

    def _raise_pending(self) -> None:
        failure, self._pending = self._pending, None
        if failure is not None:
            raise failure

    def _where(self) -> str:
        address = self._get("PC")
        symbol = self.elf.symbol_at(address)
        line = self.elf.line_at(address)
        place = f" in {symbol.name}" if symbol else ""
        return f"{address:#010x}{place}" + (f" ({line.file}:{line.line})" if line else "")

    def _pass_arguments(self, prototype: Prototype, arguments: Sequence[int]) -> None:
        """Put arguments into core registers first, then onto the stack.

        A 64-bit argument takes an even pair (AAPCS §5.5, C.3 to C.5).
        """
        words: list[int] = []
        for value, width in zip(arguments, prototype.parameters, strict=True):
            bits = int(value) & ((1 << width) - 1)
            if width == 64:
                words += [0] if len(words) % 2 else []
                words += [bits & 0xFFFF_FFFF, bits >> 32]
            else:
                words.append(bits)
        for number in range(4):
            self._set(f"R{number}", words[number] if number < len(words) else 0)
        stacked = b"".join(word.to_bytes(4, "little") for word in words[4:])
        pointer = (STACK_TOP - 64 - len(stacked)) & ~7
        self._emulator.mem_write(pointer, stacked)
        self._set("SP", pointer)

    def _result(self, width: int) -> int:
        value = self._get("R0") | (self._get("R1") << 32 if width == 64 else 0)
        return value & ((1 << width) - 1)

    def _get(self, register: str) -> int:
        return int(self._emulator.reg_read(getattr(self._registers, f"UC_ARM_REG_{register}")))

    def _set(self, register: str, value: int) -> None:
        self._emulator.reg_write(getattr(self._registers, f"UC_ARM_REG_{register}"), value)

    def _prepare(self) -> None:
        for segment in self.elf.segments:
            self.map(segment.virtual, segment.memory_size)
        self.map(STACK_TOP - STACK_BYTES, STACK_BYTES)
        self.map(GATE_START, PAGE_BYTES)
        self._emulator.mem_write(GATE_START, _BX_LR * (PAGE_BYTES // 4))
        self.reset()
        hook: Callable[..., None] = self._at_gate
        self._emulator.hook_add(self._unicorn.UC_HOOK_CODE, hook, None, GATE_START, _RETURN - 1)

    def _at_gate(self, _emulator: Any, address: int, _size: int, _data: Any) -> None:
        """Answer a call of a function that the unit does not define."""
        symbol = self.externs[(address - GATE_START) // _GATE_STEP]
        try:
            self._answer(symbol)
        except BaseException as error:  # noqa: BLE001 - raised again by `call`, outside the emulator
            self._pending = error
            self._emulator.emu_stop()

    def _answer(self, symbol: str) -> None:
        if symbol == _PANIC:
            raise panic_of(self._get("R0"), self._called)
        prototype = self.prototypes.get(symbol, Prototype((), None, False))
        result = self.handlers.extern(symbol, self._take_arguments(prototype)) or 0
        self._set("R0", result & 0xFFFF_FFFF)
        if prototype.result == 64:
            self._set("R1", result >> 32 & 0xFFFF_FFFF)

    def _take_arguments(self, prototype: Prototype) -> tuple[int, ...]:
        words = [self._get(f"R{number}") for number in range(4)]
        stack = self._get("SP")
        words += [self.memory.load(stack + 4 * number, 4) for number in range(2 * len(prototype.parameters))]
        taken: list[int] = []
        place = 0
        for width in prototype.parameters:
            if width == 64:
                place += place % 2
                taken.append(words[place] | words[place + 1] << 32)
                place += 2
            else:
                taken.append(words[place] & ((1 << width) - 1))
                place += 1
        return tuple(taken)


def _link(unit: Compiled, externs: Sequence[str], optimise: str, cache: Cache | None) -> bytes:
    """Link everything in `unit`, with the functions it lacks at fixed addresses of the gate page."""
    define = [(name, GATE_START + _GATE_STEP * index) for index, name in enumerate(externs)]
    if len(define) * _GATE_STEP > _RETURN - GATE_START:
        raise ValueError(f"the unit leaves {len(define)} functions to others; the gate page holds 255")
    return link_arm([unit], _SCRIPT, "0", define=define, collect_garbage=False, optimise=optimise, cache=cache)
