# SPDX-License-Identifier: Apache-2.0
"""One debugger's session: each packet's answer.

A core is a thread, numbered from 1. All cores run or none: they share one time, so a core that stood still while another steps
would be a different machine. A packet that makes no sense gets an error; one that is not known, the empty answer.
"""

from collections.abc import Callable

from ovm.machines.gdb import monitor
from ovm.machines.gdb.memory import Memory
from ovm.machines.gdb.packets import MOST_BYTES, number, thread_number
from ovm.machines.gdb.registers import CORE, Registers, core_values, decode, encode
from ovm.machines.gdb.resume import reply, wanted_step
from ovm.machines.gdb.stops import Stops
from ovm.machines.gdb.target import BREAKPOINT, FINISHED, Halt, Target, TargetError

Answer = str | None
OK = "OK"
NO_SENSE = "E01"
NO_MEMORY = "E14"  # EFAULT
_THUMB = 1 << 5


class Session:
    """The answers to packets. `ended` becomes `detached` or `killed`."""

    def __init__(self, target: Target, interrupted: Callable[[], bool]) -> None:
        self._target = target
        self._interrupted = interrupted
        self._registers = Registers(target.register_names())
        self.memory = Memory(target)
        self._stops = Stops(target)
        self._halt = Halt(BREAKPOINT)
        self.core = 0
        self.ended = ""
        self.quiet = False  # no acknowledgements from now on
        self._general: dict[str, Callable[[str], Answer]] = {
            "?": lambda _: self._stopped(self._halt),
            "g": lambda _: self._read_all(),
            "G": self._write_all,
            "p": self._read_one,
            "P": self._write_one,
            "m": self._read_memory,
            "M": self._write_memory,
            "H": self._choose,
            "T": lambda text: OK if 1 <= number(text) <= target.cores else NO_SENSE,
            "Z": self._stops.insert,
            "z": self._stops.remove,
            "c": lambda text: self._go_on(text, step=False),
            "C": lambda text: self._go_on(_after_signal(text), step=False),
            "s": lambda text: self._go_on(text, step=True),
            "S": lambda text: self._go_on(_after_signal(text), step=True),
            "b": self._back,
            "D": lambda _: self._end("detached"),
            "k": lambda _: self._end("killed"),
            "v": self._verbose,
            "q": self._query,
            "Q": self._set,
            "!": lambda _: OK,
        }

    def answer(self, packet: bytes) -> Answer:
        """Return the answer to a packet; None for no answer at all."""
        if packet[:1] == b"X":
            return self._guarded(self._write_binary, packet[1:])
        text = packet.decode("latin-1")
        handler = self._general.get(text[:1])
        return self._guarded(handler, text[1:]) if handler else ""

    def forget(self) -> None:
        """Remove all that the debugger has set."""
        self._stops.clear()

    def _guarded(self, handler: Callable[..., Answer], argument: str | bytes) -> Answer:
        try:
            return handler(argument)
        except TargetError:
            return NO_MEMORY
        except (ValueError, IndexError, KeyError, OverflowError):
            return NO_SENSE

    # Registers

    def _read_all(self) -> str:
        return "".join(encode(self._target.get(self.core, name), 4) for name in CORE)

    def _write_all(self, text: str) -> str:
        values = core_values(text)
        if len(values) != len(CORE):
            return NO_SENSE
        for name, value in reversed(list(zip(CORE, values, strict=True))):  # CPSR first: it chooses the bank
            self._target.set(self.core, name, value)
        return OK

    def _read_one(self, text: str) -> str:
        register = self._registers.all[number(text)]
        return encode(self._target.get(self.core, register.name), register.size)

    def _write_one(self, text: str) -> str:
        which, _, value = text.partition("=")
        register = self._registers.all[number(which)]
        if len(value) != 2 * register.size:
            return NO_SENSE
        self._target.set(self.core, register.name, decode(value))
        return OK

    # Memory

    def _read_memory(self, text: str) -> str:
        address, size = _numbers(text)
        return self.memory.read(self.core, address, min(size, MOST_BYTES // 2)).hex() if size else ""

    def _write_memory(self, text: str) -> str:
        place, _, digits = text.partition(":")
        return self._write(place, bytes.fromhex(digits))

    def _write_binary(self, packet: bytes) -> str:
        place, _, data = packet.partition(b":")
        return self._write(place.decode("latin-1"), data)

    def _write(self, place: str, data: bytes) -> str:
        address, size = _numbers(place)
        if size != len(data):
            return NO_SENSE
        self.memory.write(self.core, address, data)
        return OK

    # Running

    def _choose(self, text: str) -> str:
        thread = thread_number(text[1:])
        if text[:1] not in ("c", "g") or thread > self._target.cores:
            return NO_SENSE
        if thread > 0:
            self.core = thread - 1
        return OK

    def _go_on(self, text: str, *, step: bool) -> str:
        """Answer `c` and `s`, from an address if there is one."""
        if text:
            address = number(text)
            thumb = self._target.get(self.core, "cpsr") & _THUMB
            if address >= 1 << 32 or address % (2 if thumb else 4):
                return NO_SENSE
            self._target.set(self.core, "pc", address)
        return self._resume(self.core if step else None)

    def _resume(self, step: int | None) -> str:
        return self._stopped(self._target.resume(step, self._interrupted))

    def _back(self, text: str) -> Answer:
        if text not in ("s", "c") or not self._target.reversible:
            return ""
        return self._stopped(self._target.back(self.core if text == "s" else None, self._interrupted))

    def _stopped(self, halt: Halt) -> str:
        self._halt = halt
        self.core = halt.core
        if halt.reason == FINISHED:
            self.ended = "detached"
        return reply(halt, self._stops.kind_at(halt.address))

    def _end(self, how: str) -> Answer:
        self.ended = how
        return OK if how == "detached" else None

    def _verbose(self, text: str) -> Answer:
        if text == "Cont?":
            return "vCont;c;C;s;S"
        if text.startswith("Cont;"):
            return self._resume(wanted_step(text.removeprefix("Cont;").split(";"), self._target.cores, self.core))
        if text.startswith("Kill"):
            self.ended = "killed"
            return OK
        return ""

    # Questions

    def _query(self, text: str) -> Answer:
        name, _, rest = text.partition(":")
        if name == "Supported":
            return self._features()
        if name == "Xfer":
            return self._transfer(rest)
        if text.startswith("Rcmd,"):
            words = bytes.fromhex(text.removeprefix("Rcmd,")).decode("latin-1").split()
            return monitor.run(self._target, self.memory, self._halt.core, words).encode().hex()
        if text.startswith("ThreadExtraInfo,"):
            return self._describe(number(text.partition(",")[2])).encode().hex()
        if name == "qemu.PhyMemMode":
            return "1" if self.memory.physical else "0"
        fixed = {
            "C": f"QC{self.core + 1:x}",
            "fThreadInfo": "m" + ",".join(f"{core + 1:x}" for core in range(self._target.cores)),
            "sThreadInfo": "l",
            "Attached": "1",
            "Symbol": OK,
        }
        return fixed.get(name, "")

    def _set(self, text: str) -> str:
        if text == "StartNoAckMode":
            self.quiet = True
            return OK
        if text in ("qemu.PhyMemMode:0", "qemu.PhyMemMode:1"):
            self.memory.physical = text.endswith("1")
            return OK
        return ""

    def _features(self) -> str:
        features = ["qXfer:features:read+", "qXfer:threads:read+", "swbreak+", "hwbreak+", "vContSupported+"]
        if self._target.reversible:
            features += ["ReverseStep+", "ReverseContinue+"]
        return ";".join([f"PacketSize={MOST_BYTES:x}", *features, "QStartNoAckMode+"])

    def _transfer(self, rest: str) -> str:
        kind, action, annex, window = rest.split(":")
        if action != "read" or (kind, annex) not in (("features", "target.xml"), ("threads", "")):
            return "" if action != "read" else "E00"
        text = self._registers.description() if kind == "features" else self._threads()
        offset, length = _numbers(window)
        part = text[offset : offset + min(length, MOST_BYTES // 2)]
        return ("m" if offset + len(part) < len(text) else "l") + part

    def _threads(self) -> str:
        cores = range(self._target.cores)
        each = [f'<thread id="{n + 1:x}" core="{n}" name="CPU {n}">{self._describe(n + 1)}</thread>' for n in cores]
        return '<?xml version="1.0"?>\n<threads>\n' + "\n".join(each) + "\n</threads>\n"

    def _describe(self, thread: int) -> str:
        if not 1 <= thread <= self._target.cores:
            raise IndexError(thread)
        return self._target.describe(thread - 1)


def _numbers(text: str) -> tuple[int, int]:
    """Return address and length, as `addr,length`."""
    first, second = text.split(",")
    return number(first), number(second)


def _after_signal(text: str) -> str:
    """Return the text behind the signal of `C` and `S`; signals mean nothing to this machine."""
    signal, _, address = text.partition(";")
    number(signal)
    return address
