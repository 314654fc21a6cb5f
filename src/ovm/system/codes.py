# SPDX-License-Identifier: Apache-2.0
"""The meaning of each code of a description, a build's input or a run: the pages of `ovm explain`."""

from typing import Final

CODES: Final[dict[str, tuple[str, str]]] = {
    "S100": (
        "the description cannot be read",
        "The file isn't there, or may not be read. Give the path of a TOML file, or the name of a system that\n"
        "comes with OVM, such as mixed; `ovm` alone lists them.",
    ),
    "S101": (
        "not TOML",
        "The text breaks the rules of TOML 1.0 (https://toml.io). The place is where reading stopped; the\n"
        "mistake may be just before it: a quote or a bracket that was never closed.",
    ),
    "S102": (
        "unknown key",
        "A key that OVM doesn't know is never passed over: it might be a misspelt limit. The message lists\n"
        "the keys of the table and the nearest of them.",
    ),
    "S103": (
        "a key is missing",
        "The table can't do without this key: it has no sensible default.",
    ),
    "S104": (
        "wrong type",
        "The value has another type than the key: a string for a number, a number for a list.",
    ),
    "S105": (
        "unknown word",
        "The key takes one of a few words.",
    ),
    "S106": (
        "not a size",
        "Sizes are numbers of bytes, or strings with B, KiB, MiB or GiB: 4096, '4KiB', '16MiB'.",
    ),
    "S107": (
        "out of range",
        "The number is smaller or greater than the key allows.",
    ),
    "S108": (
        "not aligned",
        "Memory is handed out in pages of 4 KiB and sections of 1 MiB, because that is what the MMU maps.",
    ),
    "S109": (
        "unknown board",
        "Boards are files boards/NAME.toml beside the systems folder, or come with OVM. They are data: a\n"
        "new board is a new file.",
    ),
    "S110": (
        "bad name",
        "Names of systems, guests and regions stand in console prefixes, file names and a 16-byte field of\n"
        "OVM's configuration: a lower-case letter, then letters, digits and '-', 15 in all.",
    ),
    "S111": (
        "duplicate name",
        "Names tell guests (and a guest's regions) apart in consoles, reports and results.",
    ),
    "S112": (
        "too few protection keys",
        "The frame table has a byte for each frame: its protection key, which says whose it is. OVM has one, each guest and\n"
        "each channel has one; of the 256 values two mean that a frame is free, or no memory.",
    ),
    "S113": (
        "too few domains",
        "The MMU has 16 domains: the register DACR says of each whether it is open (ARM B4.1.43). One belongs to the gate.\n"
        "Each SRT guest has one, each NRT guest two, of its user and its kernel view: so the hardware checks at each access\n"
        "once more what OVM has checked when it made the mapping. With share_domains = true in [system] guests of one level\n"
        "share domains where there are too few. Those are kept apart by ASIDs and protection keys alone.",
    ),
    "S114": (
        "too few ASIDs",
        "A TLB entry carries one of 256 ASIDs, because the register CONTEXTIDR has 8 bits for it (ARM B4.1.36). Each shadow\n"
        "space, which is a level-1 table, has one, and each guest has one besides; 0 stands in while the tables change.",
    ),
    "S115": (
        "a key of another level",
        "budget_us and period_us are an SRT guest's reservation, limit is an NRT guest's share of the pool,\n"
        "devices are given to HRT guests. At another level the key would do nothing, so it is refused.",
    ),
    "S116": (
        "a text that can't be meant",
        "A value holds control characters, such as a zero byte or a terminal's escape, or is longer than any name or path.",
    ),
    "S117": (
        "too much of something",
        "Descriptions nest a few levels and hold numbers of 32 bits. What is far beyond is refused before it is parsed.",
    ),
    "S118": (
        "a held guest that nobody can start",
        "A guest with held = true waits for its GUEST_START, which only a guest with manager = true may make, for SRT and\n"
        "NRT guests.",
    ),
    "S119": (
        "boards that stand on each other",
        "A board file may name another one as its base and say what differs. In the end there must be one that stands\n"
        "alone, after at most 8 others.",
    ),
    "S120": (
        "memory is not made of sections",
        "HRT and SRT memory is mapped by sections of 1 MiB or supersections of 16 MiB: there are no pages to\nwalk to.",
    ),
    "S121": (
        "two things overlap",
        "The message names both, with both ranges.",
    ),
    "S122": (
        "no room",
        "The board's RAM can't hold this beside what is placed already. The message names the largest others.",
    ),
    "S123": (
        "more TLB lock entries than there are",
        "A Cortex-A9 core has 4 TLB entries that can be locked (DDI0388I §6.2.2). OVM keeps 2: its own\n"
        "section, and the gate page. An SRT guest's whole space has to be in the other two, or it could\n"
        "miss the TLB and wait for a page walk at any time. So it gets at most two sections (2 MiB) or two\n"
        "supersections (32 MiB), its files and regions included.",
    ),
    "S124": (
        "limit less than the image",
        "An NRT guest owns the pages of its image from the start; the limit counts them too.",
    ),
    "S125": (
        "limits exceed the pool",
        "A limit is a promise that so many pages can be had. All promises together must fit into the pool.",
    ),
    "S126": (
        "limit greater than memory",
        "A guest can't hold more pages than it has addresses for.",
    ),
    "S127": (
        "more memory than guest-physical addresses",
        "Memory of an SRT or NRT guest, with its files, regions and channels behind it, has to end below 0xfff0_0000: the last\n"
        "megabyte of its addresses holds OVM's gate and trap pages.",
    ),
    "S128": (
        "no memory that only the Secure world reaches",
        "TrustZone opens RAM to the Non-secure world in granules (64 MiB on a Zynq-7000). Every granule in which OVM has a\n"
        "byte stays closed whole, so it can hold nothing that must be open: no guest's memory, and no [[reserved]] range of\n"
        "the board file with non_secure = true.",
    ),
    "S129": (
        "not enough shadow tables",
        "OVM divides its shadow tables among the NRT guests: each needs a level-1 table and 4 level-2 tables at least, and is\n"
        "faster with more. Before that each CPU takes a level-2 table for the gate, and each SRT or HRT guest one for every\n"
        "megabyte that sections don't map: of devices, of small files and regions.",
    ),
    "S130": (
        "no such CPU",
        "The board has fewer CPUs.",
    ),
    "S131": (
        "wrong CPU for the level",
        "CPU 0 runs OVM's scheduler with all SRT and NRT guests. An HRT guest owns another CPU whole, so that\n"
        "nothing of OVM is ever in its way.",
    ),
    "S132": (
        "a CPU with two HRT guests",
        "An HRT guest owns its CPU: it can't be interrupted in favour of another.",
    ),
    "S133": (
        "reservations exceed the CPU",
        "Earliest deadline first serves every (budget, period) reservation if they add up to no more than the\n"
        "CPU. OVM keeps 5 % for its own work.",
    ),
    "S134": (
        "impossible reservation",
        "A budget lies between the cost of a switch and its period.",
    ),
    "S140": (
        "no such file",
        "Paths in a description are relative to the folder that it lies in.",
    ),
    "S141": (
        "not a whole ELF file",
        "The image isn't ELF, or it is cut off or damaged.",
    ),
    "S142": (
        "not a static ARM executable",
        "A guest's image is linked to fixed addresses, for a 32-bit ARM, with at least one segment to load.",
    ),
    "S143": (
        "image outside the guest's memory",
        "An SRT or NRT guest is linked at 0x1000_8000 unless its table says otherwise: RAM starts at\n"
        "0x1000_0000, and its first page is shared with OVM. `ovm check` shows the addresses of HRT guests. A guest with\n"
        "abi = 'none' shares no page: `address` says where it is linked.",
    ),
    "S144": (
        "no such guest package",
        "metal:PACKAGE names a Python package with a module `guest` that defines ROOTS.",
    ),
    "S145": (
        "a folder without C sources",
        "A folder as image holds .c and .S files; all of them are compiled.",
    ),
    "S146": (
        "a wrong guest.toml",
        "The file beside a guest's C sources says what else is built: stack_bytes, include, [define], [source].\n"
        "src/ovm/guests/press/guest.toml is one.",
    ),
    "S147": (
        "a package lacks a source file",
        "The source distribution that guest.toml names holds no file of this name. List it with tar tzf.",
    ),
    "S148": (
        "an archive isn't the pinned one",
        "What the package index sent has another SHA-256 than guest.toml pins. Never change the hash without\n"
        "knowing why it changed.",
    ),
    "S149": (
        "a package can't be fetched",
        "pip could not bring a source distribution; its own words follow. Without a network, put the archive into\n"
        "the folder pypi of the cache (~/.cache/ovm) by hand: NAME-VERSION.tar.gz.",
    ),
    "S150": (
        "no such device",
        "Devices are named in the board file.",
    ),
    "S151": (
        "OVM's device",
        "OVM drives one UART, the interrupt controller and the timers itself.",
    ),
    "S152": (
        "a DMA device without permission",
        "There is no IOMMU: whoever programs a DMA master reaches all memory. That is a decision, so it has\n"
        "to be written.",
    ),
    "S153": (
        "a device for two guests",
        "Devices are passed through whole.",
    ),
    "S155": (
        "an image made for another level",
        "HRT guests share an HrtPage with OVM and make hypercalls by SMC; SRT and NRT guests have a vCPU page and use SVC. The\n"
        "start-up library that was linked, and the symbol ovm_conduit_smc of ovm_abi.h, tell for which level an image is.",
    ),
    "S156": (
        "an entry between two instructions",
        "An ELF entry with bit 0 set starts in Thumb state, any other in Arm state, whose instructions lie at multiples of 4.",
    ),
    "S157": (
        "a device that can't be opened",
        "Peripherals of a Zynq-7000 are the Secure world's until a bit of a security register opens them. The board file says\n"
        "which bit opens which device; a device without one can't be given to a guest, and all others stay closed.",
    ),
    "S160": (
        "empty file",
        "A region holds at least one byte.",
    ),
    "S161": (
        "too many regions",
        "The hypervisor's tables and the vCPU page are of fixed size.",
    ),
    "S162": (
        "regions for an HRT guest",
        "HRT guests have their RAM and their devices, and nothing that OVM maps.",
    ),
    "S163": (
        "nothing to save",
        "A read-only region ends as it began.",
    ),
    "S164": (
        "a region saved in a wrong place",
        "Saved regions go to the folder of the run's results, each to a file of its own there.",
    ),
    "S165": (
        "a channel without its guests",
        "A channel is memory that guests share: guests = [...] names at least two guests of the description.",
    ),
    "S170": (
        "bad console pattern",
        "Each line of an expected console is a regular expression for a whole line, in UTF-8. RE2 matches them\n"
        "(https://github.com/google/re2/wiki/Syntax): no look-around, no back-references.",
    ),
    "S171": (
        "a guest's package can't be imported",
        "Its guest.py, or a module that it imports, raised an exception. The message names the place.",
    ),
    "S172": (
        "constants that a guest doesn't have",
        "The constants of a metal guest override its parameters, NAME: Final = param(8), by their name below the\n"
        "package: 'guest.NAME'. A number can't become true or false, or the other way round.",
    ),
    "S173": (
        "an expectation that can't be met, or says nothing",
        "No run could meet it: an exit status of a guest that shall be running, a table without bounds.",
    ),
    "S180": (
        "OVM doesn't fit",
        "OVM's code with its static data has to fit into one megabyte, which one TLB lock entry maps (A9 4.3.25). Data grow\n"
        "with the description: some 6 KiB for each guest and 8 KiB more for each NRT guest, 16 bytes for each level-2 table.",
    ),
    "S181": (
        "a kernel that can't be patched",
        "OVM replaces the instructions of a kernel that act differently in User mode without a trap. It finds them by the\n"
        "kernel's own symbols, and refuses a kernel whose layout it doesn't know, or that has such an instruction outside OVM's\n"
        "table, since it would go wrong silently. docs/guide/linux.md lists kernels that have been tried.",
    ),
    "S182": (
        "a package of Debian can't be had",
        "debian:NAME is fetched by apt's own tools, from the sources of this machine, into OVM's cache; apt's own words are\n"
        "shown. What was fetched once needs no network. linux:PATH takes a kernel that is there already.",
    ),
    "S183": (
        "an initrd that can't be used",
        "An initrd is one or more archives (cpio newc), each compressed or not: OVM unpacks it and patches the modules in it.",
    ),
    "S184": (
        "a command line that isn't ASCII",
        "A kernel compares its command line with names byte by byte.",
    ),
    "S185": (
        "too little memory for Linux to start",
        "The kernel, what it clears at its start, and the initrd have to fit into the guest's RAM. The message adds them up.\n"
        "Programs come on top of that.",
    ),
    "S186": (
        "a device tree that can't be made",
        "OVM makes the tree from the plan and applies the overlay to it, with libfdt. Compile overlays by dtc -@; `dtc -I dtb`\n"
        "shows the tree that the guest's ELF file in the archive holds.",
    ),
    "S187": (
        "a key that means nothing with this image",
        "initrd, cmdline and overlay are for kernels of Linux; arguments and constants are for guests that know OVM.",
    ),
    "S188": (
        "OVM is installed without its Linux part",
        "Linux guests need two packages more, zstandard and pylibfdt, which the extra ovm[linux] brings.",
    ),
    "S189": (
        "Linux at another level",
        "A kernel of Linux runs as an NRT guest: only there are shadow pages and emulated devices.",
    ),
    "S190": (
        "a file can't be read or written",
        "The operating system refused; the message says what.",
    ),
    "S199": (
        "internal error",
        "A mistake in OVM. Please report it with the description that shows it.",
    ),
    "R100": (
        "no QEMU",
        "Install qemu-system-arm, or name another one in OVM_QEMU.",
    ),
    "R101": (
        "a board that QEMU can't run",
        "QEMU has no TrustZone on its Zynq model. Use vexpress-a9.",
    ),
    "R102": (
        "QEMU ended early",
        "QEMU gave up before OVM printed anything; its own words are shown.",
    ),
    "R103": (
        "QEMU's control socket",
        "The connection over which memory is dumped failed.",
    ),
    "R104": (
        "a board that the virtual board isn't",
        "The virtual board is a ZC702. Leave `board` out of [system], or run with --machine qemu.",
    ),
    "R105": (
        "a measured run that failed",
        "A run that is measured must be a success: see what `ovm run` says of the same description.",
    ),
    "R106": (
        "nothing to measure",
        "A measurement needs guests of a certain kind in its description; docs/guide/measure.md says which.",
    ),
    "R107": (
        "another build",
        "OVM's boot record says which build it is: a hash over OVM and all that is loaded with it. A run is judged only by\n"
        "the description that its image was made of.",
    ),
    "R110": ("no port for GDB", "Another program listens on that port. Choose another one."),
    "R111": (
        "no debugger for this machine",
        "`ovm run --gdb` and what shares its way are the virtual board's. QEMU has a debugger's server of its own.",
    ),
    "R112": (
        "no such place in a program",
        "A place is a function, by its name or the end of its dotted name, or a source line: ovm/core/boot.py:140. A guest's\n"
        "has the guest's name before it: desk:main. Functions that the compiler put into their callers have lines only.",
    ),
    "R113": (
        "no parameters for this machine",
        "`--set` changes the virtual board's model. QEMU has nothing of the kind.",
    ),
    "R114": (
        "no input for this guest",
        "`ovm run --attach` types into the console of a guest with input = true. An HRT guest has a UART of its own instead.",
    ),
    "R200": (
        "an unknown parameter of the virtual board",
        "Its parameters are the fields of src/ovm/board/parameters.py, in [timing] and [model] of the board file.",
    ),
    "R201": ("a parameter out of range", "Parameters of the virtual board are whole numbers from 0 up to what the error names."),
    "R202": ("an unreadable board file", "The virtual board takes its parameters from a TOML file."),
    "R203": (
        "an unknown register",
        "General registers are r0 to r15, sp, lr, pc, cpsr; banked ones sp_irq, spsr_mon; CP15 ones TTBR0_S, TTBR0_NS.",
    ),
    "R204": ("an ELF file for another processor", "The virtual board loads ELF files for 32-bit ARM."),
    "R205": ("an unknown kind of event", "ovm.board.api.KINDS lists them."),
    "R206": (
        "no memory there",
        "Memory is DDR from 0 to 1 GiB and the on-chip memory, in the highest 256 KiB or where OCM_CFG puts it. A range\n"
        "may not lie across both.",
    ),
    "R207": ("no such watchpoint", "A watchpoint covers 1 byte to 1 MiB and waits for reads, writes or both."),
    "R209": ("a recording that still runs", "Stop it before it is replayed."),
    "R211": ("an unknown cache", "Caches are 0 and 1 (data, by core), i0 and i1 (instructions) and l2."),
    "R212": ("an unknown boot mode", "The BootROM's modes are qspi, nor, nand and sd; for JTAG use load and start."),
    "R213": (
        "a boot image that the BootROM refuses",
        "It begins with a boot header (UG585 6.3.2): 0xAA995566 at 0x20, XNLX at 0x24, a checksum at 0x48. The program\n"
        "it names has at most 192 KiB. bootgen and mkimage -T zynqimage write such files.",
    ),
    "R214": ("an SD card of no size", "The card's image lies in the board's memory: 1 byte to 512 MiB."),
    "R215": ("a time below zero", "The board runs forward only. `snapshot` keeps a moment, `restore` goes back to it."),
    "R216": ("a core that isn't there", "The board's cores are 0 and 1, as MPIDR numbers them."),
    "R218": (
        "a register of the SLCR that the virtual board doesn't know",
        "[slcr] in a board file gives what a boot loader leaves in registers, by their names in UG585 B.28 in lower case.",
    ),
    "R219": (
        "a board that the virtual board can't be",
        "The virtual board is a Zynq-7000: DDR from address 0, at most 1 GiB; 256 KiB of on-chip memory; one or two cores; its\n"
        "console on one of the two UARTs. All addresses, interrupts and clocks are those of the board file.",
    ),
    "R217": ("an entry that is none", "A program starts in the ARM instruction set: at a multiple of 4 of 32-bit memory."),
    "R210": (
        "a recording that doesn't fit",
        "The machine came by another place than the recorded one: it has another image, other parameters, or stopped early.",
    ),
    "R208": ("no more breakpoints", "The virtual board has room for a limited number of them. Remove one."),
}
