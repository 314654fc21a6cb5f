# SPDX-License-Identifier: Apache-2.0
"""Memory virtualization: who owns a frame, and what each guest's translation tables say.

`frames` holds the protection key of every physical frame; no mapping is made without asking it. `pool` gives frames to
NRT guests in scattered order, `guest_map` turns guest-physical addresses into physical ones, `walk` reads a guest's own
tables. `space` and `shadow` keep the tables that the hardware walks for NRT guests, `maintenance` drops what the
guest's TLB maintenance names. `sections` builds the fixed tables of SRT and HRT guests, `lockdown` puts an SRT guest's
sections into the TLB for good. `fault` is where an abort arrives, `refusal` where a forbidden access ends.

Everything here runs in Monitor mode with SCR.NS = 1: CP15 names the Non-secure bank, data accesses use the flat
secure map. Every function is bounded: by the tables or spaces of one guest, or as its docstring says.
"""
