# SPDX-License-Identifier: Apache-2.0
"""The part of a board file that wires the machine: RAM, cores, clocks, places of devices and their interrupts."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ovm.board import wiring
from ovm.board.api.errors import BoardError, unknown
from ovm.board.api.view import View
from ovm.board.wiring import PAGE_SHIFT, Wiring
from ovm.shipped import base_of, find_board, merged, parse_size

if TYPE_CHECKING:
    from ovm.metal.build.host import HostProgram

Values = Mapping[str, Any]
Path_ = tuple[str, ...]
MOST_BASES = 8
MOST_RAM = 1 << 30
_ON_CHIP = 256 << 10
_PAGE = 1 << PAGE_SHIFT
_SHARED = range(32, 96)
# Devices that the model has more of than zeros, by their names in board files.
DEVICES = {
    "slcr": wiring.SLCR_DEVICE,
    **{name: getattr(wiring, name.upper()) for name in ("uart0", "uart1", "ttc0", "ttc1", "dmac", "dmac_ns", "swdt")},
    **{name: getattr(wiring, name.upper()) for name in ("sdio0", "gem0", "gem1", "gpio", "ddrc", "devcfg", "ocm")},
    **{name: getattr(wiring, name.upper()) for name in ("debug0", "debug1")},
    **{f"afi{number}": wiring.AFI0 + number for number in range(4)},
}
UARTS = ("uart0", "uart1")
# Registers of the SLCR that a boot loader leaves as the board needs them (UG585 B.28).
REGISTERS = {
    "arm_pll_ctrl": 0x100, "ddr_pll_ctrl": 0x104, "io_pll_ctrl": 0x108, "pll_status": 0x10C, "arm_pll_cfg": 0x110,
    "ddr_pll_cfg": 0x114, "io_pll_cfg": 0x118, "arm_clk_ctrl": 0x120, "ddr_clk_ctrl": 0x124, "dci_clk_ctrl": 0x128,
    "aper_clk_ctrl": 0x12C, "uart_clk_ctrl": 0x154, "pcap_clk_ctrl": 0x168, "fpga0_clk_ctrl": 0x170, "clk_621_true": 0x1C4,
    "reboot_status": 0x258, "boot_mode": 0x25C, "pss_idcode": 0x530, "ocm_cfg": 0x910, "l2c_ram": 0xA1C,
    "ddriob_dci_status": 0xB74,
}  # fmt: skip
CLOCKS = ("arm_pll_ctrl", "io_pll_ctrl", "arm_clk_ctrl", "uart_clk_ctrl")
# 115,200 baud by a generator that counts to this and a divider of 7.
_BAUD = 115_200 * 7


@dataclass(frozen=True)
class Wired:
    """Contents of the machine's tables: words of `Wiring`, a device for each page, registers of the SLCR."""

    hz: int
    words: Mapping[str, Any]
    pages: Mapping[int, int]
    registers: Mapping[int, int]

    @property
    def cores(self) -> int:
        """Return the number of cores."""
        return int(self.words["cores"])

    @property
    def ram_bytes(self) -> int:
        """Return the size of DDR."""
        return int(self.words["ram_bytes"])


def read_values(file: Path, above: int = 0) -> dict[str, Any]:
    """Return the values of a board file, on top of those of its base; raise `BoardError` R202 if there are none."""
    try:
        values = tomllib.loads(file.read_text())
    except OSError as error:
        raise BoardError("R202", f"the board file {file} can't be read", found=str(error)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BoardError("R202", f"the board file {file} is not TOML", found=str(error)) from error
    base = base_of(values)
    if not base:
        return values
    found = find_board(base, file.parent, file)
    if found is None or above == MOST_BASES:
        raise BoardError("R202", f"the board file {file} stands on '{base}', which can't be found", fix="correct its base")
    return merged(read_values(found, above + 1), values)


def faults(values: Values) -> Iterator[tuple[Path_, BoardError]]:
    """Yield the settings that the machine can't have, with their places in the board file."""
    for name in values.get("slcr", {}):
        if name not in REGISTERS:
            yield ("slcr", name), unknown("R218", "register of the SLCR", name, REGISTERS)
    uart = values.get("core", {}).get("uart")
    if uart not in UARTS:
        yield ("core", "uart"), _no_machine("its console is no UART of a Zynq-7000", str(uart), " or ".join(UARTS))
    if not values.get("board", {}).get("cpu_hz"):
        yield ("board",), _no_machine("it has no 'cpu_hz', the CPU's clock", "", "a rate in Hz, such as 666_666_667")
    ram = values.get("ram", {})
    if ram.get("address") != 0 or not 0 < _size(ram.get("bytes")) <= MOST_RAM:
        yield ("ram",), _no_machine("its RAM is not as a Zynq-7000 has it", "", "address 0, at most 1 GiB")
    for name in CLOCKS:
        if name not in values.get("slcr", {}):
            yield ("slcr",), _no_machine(f"[slcr] has no '{name}', which gives a clock", "", "a boot loader's value")
    if _size(values.get("on_chip", {}).get("bytes")) != _ON_CHIP:
        yield ("on_chip",), _no_machine("its on-chip memory is not as a Zynq-7000 has it", "", "256 KiB")


def _no_machine(what: str, found: str, expected: str) -> BoardError:
    return BoardError("R219", f"the virtual board can't be this board: {what}", found=found, expected=expected, fix="correct it")


def wired(values: Values) -> Wired:
    """Return the contents of the machine's tables; raise `BoardError` R218 or R219 for a board that it can't be."""
    for _, error in faults(values):
        raise error
    try:
        return _wired(values)
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise _no_machine("a value is missing or has the wrong type", f"{type(error).__name__}: {error}", "") from error


def _wired(values: Values) -> Wired:
    registers = {REGISTERS[name]: value for name, value in values["slcr"].items()}
    board, chip, core = values["board"], values["on_chip"], values["core"]
    devices = values["device"]
    dmac, ttc = _interrupts(devices, "dmac"), (_interrupts(devices, "ttc0"), _interrupts(devices, "ttc1"))
    words = {
        "ram_bytes": _size(values["ram"]["bytes"]),
        "on_chip": chip["address"],
        "masters_filter": chip["masters_filter"],
        "scu_filter_start": chip["scu_filter"][0],
        "scu_filter_end": chip["scu_filter"][1],
        "level2_filter_start": core["level2_filter"][0],
        "level2_filter_end": core["level2_filter"][1],
        "private": devices[core["private"]]["address"],
        "cores": board["cpus"],
        "console": UARTS.index(core["uart"]),
        "console_generator": _generator(board["ps_clk_hz"], registers),
        "uart": [_first(_interrupts(devices, name)) for name in UARTS],
        "triple": [*_filled(ttc[0], 3), *_filled(ttc[1], 3)],
        "dmac": _filled(dmac, 9),
        "monitors": _filled(_list(core.get("pmu_irq")), 2),
        "watchdog": _first(_interrupts(devices, "swdt")),
        "sdio": _first(_interrupts(devices, "sdio0")),
    }
    return Wired(board["cpu_hz"], words, _pages(values), registers)


def wire(program: "HostProgram", machine: Wired) -> None:
    """Fill in a program of the board that has been reset; what it doesn't have is left out."""
    known = program.static_symbols
    if "ovm.board.wiring.WIRING" in known:
        view = View(program.memory, Wiring, program.address_of("ovm.board.wiring.WIRING"))
        for name, value in machine.words.items():
            if isinstance(value, int):
                view.set(value, name)
            else:
                for index, each in enumerate(value):
                    view.set(each, name, index)
    if "ovm.board.wiring.DEVICES" in known:
        start = program.address_of("ovm.board.wiring.DEVICES")
        for page, device in machine.pages.items():
            program.memory.store(start + page, 1, device)
    if "ovm.board.devices.slcr.SLCR_RESETS" in known:
        start = program.address_of("ovm.board.devices.slcr.SLCR_RESETS")
        for offset, value in machine.registers.items():
            program.memory.store(start + offset, 4, value)


def _pages(values: Values) -> dict[int, int]:
    """Return the device of each page."""
    pages: dict[int, int] = {}
    for window in values.get("window", {}).values():
        silent = wiring.SILENT_SLAVE if window.get("opened_by") == "apb_slaves" else wiring.SILENT
        pages |= dict.fromkeys(_pages_of(window), silent)
    core, security, devices = values["core"], values.get("security", {}), values["device"]
    for name, device in devices.items():
        if name in DEVICES:
            pages |= dict.fromkeys(_pages_of(device), DEVICES[name])
        else:
            for page in _pages_of(device):
                pages.setdefault(page, wiring.SILENT)
    for key, number in (("apb_slaves", wiring.SLAVE_SECURITY), ("apb", wiring.BOOT_SECURITY)):
        if key in security:
            pages[security[key] >> PAGE_SHIFT] = number
    first = devices[core["private"]]["address"] >> PAGE_SHIFT
    pages |= {first: wiring.PRIVATE, first + 1: wiring.DISTRIBUTOR}
    if core.get("level2_cache"):
        pages[devices[core["level2_cache"]]["address"] >> PAGE_SHIFT] = wiring.LEVEL2_CACHE
    return pages


def _pages_of(where: Values) -> range:
    first = int(where["address"]) >> PAGE_SHIFT
    return range(first, first + _size(where["bytes"]) // _PAGE)


def _generator(crystal: int, registers: Mapping[int, int]) -> int:
    """Return the baud rate generator's value for 115,200 baud, at the rate of the IO PLL and its divisor."""
    multiplier = registers[REGISTERS["io_pll_ctrl"]] >> 12 & 0x7F
    divisor = registers[REGISTERS["uart_clk_ctrl"]] >> 8 & 0x3F
    return round(crystal * multiplier / max(divisor, 1) / _BAUD)


def _size(value: Any) -> int:
    return (parse_size(value) or 0) if isinstance(value, str) else value if isinstance(value, int) else 0


def _list(value: Any) -> list[int]:
    found = value if isinstance(value, list) else [] if value is None else [value]
    return [each if each in _SHARED else 0 for each in found]


def _interrupts(devices: Values, name: str) -> list[int]:
    return _list(devices.get(name, {}).get("irq"))


def _first(numbers: list[int]) -> int:
    return numbers[0] if numbers else 0


def _filled(numbers: list[int], count: int) -> list[int]:
    return [*numbers, *[0] * count][:count]
