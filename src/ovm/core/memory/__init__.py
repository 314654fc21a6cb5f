# SPDX-License-Identifier: Apache-2.0
"""Memory virtualization: owners of frames, and each guest's translation tables.

`frames` holds the protection key of every physical frame; every mapping is checked against it. `pool` gives frames to
NRT guests in scattered order, `guest_map` turns guest-physical addresses into physical ones, `walk` reads a guest's own
tables. `space` and `shadow` keep the tables that the hardware walks for NRT guests, `maintenance` drops the mappings that the
guest's TLB maintenance names. `sections` builds the fixed tables of SRT and HRT guests, `lockdown` locks an SRT guest's
sections into the TLB. `fault` handles aborts, `refusal` forbidden accesses.

Everything here runs in Monitor mode with SCR.NS = 1: CP15 names the Non-secure bank, data accesses use the flat
secure map. Every function is bounded: by the tables or spaces of one guest, or as its docstring says.
"""
