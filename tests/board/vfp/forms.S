@ SPDX-License-Identifier: Apache-2.0
@ Every mnemonic of VFPv3 and Advanced SIMD as Cortex-A9 has them, in each form; unconditional, so that T32 needs no IT.
vadd.f32 s0, s1, s31
vsub.f32 s0, s1, s31
vmul.f32 s0, s1, s31
vnmul.f32 s0, s1, s31
vmla.f32 s0, s1, s31
vmls.f32 s0, s1, s31
vnmla.f32 s0, s1, s31
vnmls.f32 s0, s1, s31
vdiv.f32 s0, s1, s31
vabs.f32 s1, s31
vneg.f32 s1, s31
vsqrt.f32 s1, s31
vmov.f32 s1, s31
vcmp.f32 s1, s31
vcmpe.f32 s1, s31
vcmp.f32 s1, #0
vcmpe.f32 s1, #0
vmov.f32 s31, #1.5
vmov.f32 s31, #-0.125
vcvt.s32.f32 s5, s1
vcvtr.s32.f32 s5, s1
vcvt.f32.s32 s1, s5
vcvt.u32.f32 s5, s1
vcvtr.u32.f32 s5, s1
vcvt.f32.u32 s1, s5
vcvt.s16.f32 s1, s1, #7
vcvt.f32.s16 s1, s1, #16
vcvt.u16.f32 s1, s1, #7
vcvt.f32.u16 s1, s1, #16
vcvt.s32.f32 s1, s1, #7
vcvt.f32.s32 s1, s1, #16
vcvt.u32.f32 s1, s1, #7
vcvt.f32.u32 s1, s1, #16
vldr s1, [r3, #16]
vldr s1, [r3, #-1020]
vldr s31, [pc, #8]
vstr s1, [sp]
vstr s31, [r0, #-4]
vadd.f64 d0, d17, d31
vsub.f64 d0, d17, d31
vmul.f64 d0, d17, d31
vnmul.f64 d0, d17, d31
vmla.f64 d0, d17, d31
vmls.f64 d0, d17, d31
vnmla.f64 d0, d17, d31
vnmls.f64 d0, d17, d31
vdiv.f64 d0, d17, d31
vabs.f64 d17, d31
vneg.f64 d17, d31
vsqrt.f64 d17, d31
vmov.f64 d17, d31
vcmp.f64 d17, d31
vcmpe.f64 d17, d31
vcmp.f64 d17, #0
vcmpe.f64 d17, #0
vmov.f64 d31, #1.5
vmov.f64 d31, #-0.125
vcvt.s32.f64 s5, d17
vcvtr.s32.f64 s5, d17
vcvt.f64.s32 d17, s5
vcvt.u32.f64 s5, d17
vcvtr.u32.f64 s5, d17
vcvt.f64.u32 d17, s5
vcvt.s16.f64 d17, d17, #7
vcvt.f64.s16 d17, d17, #16
vcvt.u16.f64 d17, d17, #7
vcvt.f64.u16 d17, d17, #16
vcvt.s32.f64 d17, d17, #7
vcvt.f64.s32 d17, d17, #16
vcvt.u32.f64 d17, d17, #7
vcvt.f64.u32 d17, d17, #16
vldr d17, [r3, #16]
vldr d17, [r3, #-1020]
vldr d31, [pc, #8]
vstr d17, [sp]
vstr d31, [r0, #-4]
vcvt.f64.f32 d17, s3
vcvt.f32.f64 s3, d17
vcvtb.f32.f16 s1, s2
vcvtt.f32.f16 s1, s2
vcvtb.f16.f32 s1, s2
vcvtt.f16.f32 s1, s2
vmov s3, r4
vmov r4, s3
vmov s3, s4, r5, r6
vmov r5, r6, s3, s4
vmov d20, r5, r6
vmov r5, r6, d20
vmov.32 d20[1], r4
vmov.16 d20[3], r4
vmov.8 d20[7], r4
vmov.32 r4, d20[1]
vmov.s16 r4, d20[3]
vmov.u16 r4, d20[2]
vmov.s8 r4, d20[6]
vmov.u8 r4, d20[5]
vdup.8 d20, r4
vdup.16 q3, r4
vdup.32 q3, r4
vmrs r4, fpscr
vmrs apsr_nzcv, fpscr
vmrs r4, fpexc
vmrs r4, fpsid
vmrs r4, mvfr0
vmrs r4, mvfr1
vmsr fpscr, r4
vmsr fpexc, r4
vmsr fpsid, r4
vldmia r3, {s1-s5}
vldmia r3!, {d16-d31}
vldmdb r3!, {s1-s5}
vstmia r3, {d3-d9}
vstmia r3!, {s30-s31}
vstmdb r3!, {d3-d9}
vpush {d8-d15}
vpop {d8-d15}
vpush {s4}
vpop {s4}
vhadd.s8 d1, d17, d31
vhadd.s8 q1, q7, q15
vhadd.s16 d1, d17, d31
vhadd.s16 q1, q7, q15
vhadd.s32 d1, d17, d31
vhadd.s32 q1, q7, q15
vhadd.u8 d1, d17, d31
vhadd.u8 q1, q7, q15
vhadd.u16 d1, d17, d31
vhadd.u16 q1, q7, q15
vhadd.u32 d1, d17, d31
vhadd.u32 q1, q7, q15
vrhadd.s8 d1, d17, d31
vrhadd.s8 q1, q7, q15
vrhadd.s16 d1, d17, d31
vrhadd.s16 q1, q7, q15
vrhadd.s32 d1, d17, d31
vrhadd.s32 q1, q7, q15
vrhadd.u8 d1, d17, d31
vrhadd.u8 q1, q7, q15
vrhadd.u16 d1, d17, d31
vrhadd.u16 q1, q7, q15
vrhadd.u32 d1, d17, d31
vrhadd.u32 q1, q7, q15
vhsub.s8 d1, d17, d31
vhsub.s8 q1, q7, q15
vhsub.s16 d1, d17, d31
vhsub.s16 q1, q7, q15
vhsub.s32 d1, d17, d31
vhsub.s32 q1, q7, q15
vhsub.u8 d1, d17, d31
vhsub.u8 q1, q7, q15
vhsub.u16 d1, d17, d31
vhsub.u16 q1, q7, q15
vhsub.u32 d1, d17, d31
vhsub.u32 q1, q7, q15
vcgt.s8 d1, d17, d31
vcgt.s8 q1, q7, q15
vcgt.s16 d1, d17, d31
vcgt.s16 q1, q7, q15
vcgt.s32 d1, d17, d31
vcgt.s32 q1, q7, q15
vcgt.u8 d1, d17, d31
vcgt.u8 q1, q7, q15
vcgt.u16 d1, d17, d31
vcgt.u16 q1, q7, q15
vcgt.u32 d1, d17, d31
vcgt.u32 q1, q7, q15
vcge.s8 d1, d17, d31
vcge.s8 q1, q7, q15
vcge.s16 d1, d17, d31
vcge.s16 q1, q7, q15
vcge.s32 d1, d17, d31
vcge.s32 q1, q7, q15
vcge.u8 d1, d17, d31
vcge.u8 q1, q7, q15
vcge.u16 d1, d17, d31
vcge.u16 q1, q7, q15
vcge.u32 d1, d17, d31
vcge.u32 q1, q7, q15
vmax.s8 d1, d17, d31
vmax.s8 q1, q7, q15
vmax.s16 d1, d17, d31
vmax.s16 q1, q7, q15
vmax.s32 d1, d17, d31
vmax.s32 q1, q7, q15
vmax.u8 d1, d17, d31
vmax.u8 q1, q7, q15
vmax.u16 d1, d17, d31
vmax.u16 q1, q7, q15
vmax.u32 d1, d17, d31
vmax.u32 q1, q7, q15
vmin.s8 d1, d17, d31
vmin.s8 q1, q7, q15
vmin.s16 d1, d17, d31
vmin.s16 q1, q7, q15
vmin.s32 d1, d17, d31
vmin.s32 q1, q7, q15
vmin.u8 d1, d17, d31
vmin.u8 q1, q7, q15
vmin.u16 d1, d17, d31
vmin.u16 q1, q7, q15
vmin.u32 d1, d17, d31
vmin.u32 q1, q7, q15
vabd.s8 d1, d17, d31
vabd.s8 q1, q7, q15
vabd.s16 d1, d17, d31
vabd.s16 q1, q7, q15
vabd.s32 d1, d17, d31
vabd.s32 q1, q7, q15
vabd.u8 d1, d17, d31
vabd.u8 q1, q7, q15
vabd.u16 d1, d17, d31
vabd.u16 q1, q7, q15
vabd.u32 d1, d17, d31
vabd.u32 q1, q7, q15
vaba.s8 d1, d17, d31
vaba.s8 q1, q7, q15
vaba.s16 d1, d17, d31
vaba.s16 q1, q7, q15
vaba.s32 d1, d17, d31
vaba.s32 q1, q7, q15
vaba.u8 d1, d17, d31
vaba.u8 q1, q7, q15
vaba.u16 d1, d17, d31
vaba.u16 q1, q7, q15
vaba.u32 d1, d17, d31
vaba.u32 q1, q7, q15
vqadd.s8 d1, d17, d31
vqadd.s8 q1, q7, q15
vqadd.s16 d1, d17, d31
vqadd.s16 q1, q7, q15
vqadd.s32 d1, d17, d31
vqadd.s32 q1, q7, q15
vqadd.u8 d1, d17, d31
vqadd.u8 q1, q7, q15
vqadd.u16 d1, d17, d31
vqadd.u16 q1, q7, q15
vqadd.u32 d1, d17, d31
vqadd.u32 q1, q7, q15
vqadd.s64 d1, d17, d31
vqadd.s64 q1, q7, q15
vqadd.u64 d1, d17, d31
vqadd.u64 q1, q7, q15
vqsub.s8 d1, d17, d31
vqsub.s8 q1, q7, q15
vqsub.s16 d1, d17, d31
vqsub.s16 q1, q7, q15
vqsub.s32 d1, d17, d31
vqsub.s32 q1, q7, q15
vqsub.u8 d1, d17, d31
vqsub.u8 q1, q7, q15
vqsub.u16 d1, d17, d31
vqsub.u16 q1, q7, q15
vqsub.u32 d1, d17, d31
vqsub.u32 q1, q7, q15
vqsub.s64 d1, d17, d31
vqsub.s64 q1, q7, q15
vqsub.u64 d1, d17, d31
vqsub.u64 q1, q7, q15
vshl.s8 d1, d17, d31
vshl.s8 q1, q7, q15
vshl.s16 d1, d17, d31
vshl.s16 q1, q7, q15
vshl.s32 d1, d17, d31
vshl.s32 q1, q7, q15
vshl.u8 d1, d17, d31
vshl.u8 q1, q7, q15
vshl.u16 d1, d17, d31
vshl.u16 q1, q7, q15
vshl.u32 d1, d17, d31
vshl.u32 q1, q7, q15
vshl.s64 d1, d17, d31
vshl.s64 q1, q7, q15
vshl.u64 d1, d17, d31
vshl.u64 q1, q7, q15
vqshl.s8 d1, d17, d31
vqshl.s8 q1, q7, q15
vqshl.s16 d1, d17, d31
vqshl.s16 q1, q7, q15
vqshl.s32 d1, d17, d31
vqshl.s32 q1, q7, q15
vqshl.u8 d1, d17, d31
vqshl.u8 q1, q7, q15
vqshl.u16 d1, d17, d31
vqshl.u16 q1, q7, q15
vqshl.u32 d1, d17, d31
vqshl.u32 q1, q7, q15
vqshl.s64 d1, d17, d31
vqshl.s64 q1, q7, q15
vqshl.u64 d1, d17, d31
vqshl.u64 q1, q7, q15
vrshl.s8 d1, d17, d31
vrshl.s8 q1, q7, q15
vrshl.s16 d1, d17, d31
vrshl.s16 q1, q7, q15
vrshl.s32 d1, d17, d31
vrshl.s32 q1, q7, q15
vrshl.u8 d1, d17, d31
vrshl.u8 q1, q7, q15
vrshl.u16 d1, d17, d31
vrshl.u16 q1, q7, q15
vrshl.u32 d1, d17, d31
vrshl.u32 q1, q7, q15
vrshl.s64 d1, d17, d31
vrshl.s64 q1, q7, q15
vrshl.u64 d1, d17, d31
vrshl.u64 q1, q7, q15
vqrshl.s8 d1, d17, d31
vqrshl.s8 q1, q7, q15
vqrshl.s16 d1, d17, d31
vqrshl.s16 q1, q7, q15
vqrshl.s32 d1, d17, d31
vqrshl.s32 q1, q7, q15
vqrshl.u8 d1, d17, d31
vqrshl.u8 q1, q7, q15
vqrshl.u16 d1, d17, d31
vqrshl.u16 q1, q7, q15
vqrshl.u32 d1, d17, d31
vqrshl.u32 q1, q7, q15
vqrshl.s64 d1, d17, d31
vqrshl.s64 q1, q7, q15
vqrshl.u64 d1, d17, d31
vqrshl.u64 q1, q7, q15
vadd.i8 d1, d17, d31
vadd.i8 q1, q7, q15
vadd.i16 d1, d17, d31
vadd.i16 q1, q7, q15
vadd.i32 d1, d17, d31
vadd.i32 q1, q7, q15
vadd.i64 d1, d17, d31
vadd.i64 q1, q7, q15
vadd.f32 d1, d17, d31
vadd.f32 q1, q7, q15
vsub.i8 d1, d17, d31
vsub.i8 q1, q7, q15
vsub.i16 d1, d17, d31
vsub.i16 q1, q7, q15
vsub.i32 d1, d17, d31
vsub.i32 q1, q7, q15
vsub.i64 d1, d17, d31
vsub.i64 q1, q7, q15
vsub.f32 d1, d17, d31
vsub.f32 q1, q7, q15
vtst.8 d1, d17, d31
vtst.8 q1, q7, q15
vtst.16 d1, d17, d31
vtst.16 q1, q7, q15
vtst.32 d1, d17, d31
vtst.32 q1, q7, q15
vceq.i8 d1, d17, d31
vceq.i8 q1, q7, q15
vceq.i16 d1, d17, d31
vceq.i16 q1, q7, q15
vceq.i32 d1, d17, d31
vceq.i32 q1, q7, q15
vceq.f32 d1, d17, d31
vceq.f32 q1, q7, q15
vmla.i8 d1, d17, d31
vmla.i8 q1, q7, q15
vmla.i16 d1, d17, d31
vmla.i16 q1, q7, q15
vmla.i32 d1, d17, d31
vmla.i32 q1, q7, q15
vmla.f32 d1, d17, d31
vmla.f32 q1, q7, q15
vmls.i8 d1, d17, d31
vmls.i8 q1, q7, q15
vmls.i16 d1, d17, d31
vmls.i16 q1, q7, q15
vmls.i32 d1, d17, d31
vmls.i32 q1, q7, q15
vmls.f32 d1, d17, d31
vmls.f32 q1, q7, q15
vmul.i8 d1, d17, d31
vmul.i8 q1, q7, q15
vmul.i16 d1, d17, d31
vmul.i16 q1, q7, q15
vmul.i32 d1, d17, d31
vmul.i32 q1, q7, q15
vmul.f32 d1, d17, d31
vmul.f32 q1, q7, q15
vmul.p8 d1, d17, d31
vmul.p8 q1, q7, q15
vpmax.s8 d1, d17, d31
vpmax.s16 d1, d17, d31
vpmax.s32 d1, d17, d31
vpmax.u8 d1, d17, d31
vpmax.u16 d1, d17, d31
vpmax.u32 d1, d17, d31
vpmax.f32 d1, d17, d31
vpmin.s8 d1, d17, d31
vpmin.s16 d1, d17, d31
vpmin.s32 d1, d17, d31
vpmin.u8 d1, d17, d31
vpmin.u16 d1, d17, d31
vpmin.u32 d1, d17, d31
vpmin.f32 d1, d17, d31
vpadd.i8 d1, d17, d31
vpadd.i16 d1, d17, d31
vpadd.i32 d1, d17, d31
vpadd.f32 d1, d17, d31
vqdmulh.s16 d1, d17, d31
vqdmulh.s16 q1, q7, q15
vqdmulh.s32 d1, d17, d31
vqdmulh.s32 q1, q7, q15
vqrdmulh.s16 d1, d17, d31
vqrdmulh.s16 q1, q7, q15
vqrdmulh.s32 d1, d17, d31
vqrdmulh.s32 q1, q7, q15
vcge.f32 d1, d17, d31
vcge.f32 q1, q7, q15
vcgt.f32 d1, d17, d31
vcgt.f32 q1, q7, q15
vacge.f32 d1, d17, d31
vacge.f32 q1, q7, q15
vacgt.f32 d1, d17, d31
vacgt.f32 q1, q7, q15
vmax.f32 d1, d17, d31
vmax.f32 q1, q7, q15
vmin.f32 d1, d17, d31
vmin.f32 q1, q7, q15
vabd.f32 d1, d17, d31
vabd.f32 q1, q7, q15
vrecps.f32 d1, d17, d31
vrecps.f32 q1, q7, q15
vrsqrts.f32 d1, d17, d31
vrsqrts.f32 q1, q7, q15
vand d1, d17, d31
vand q1, q7, q15
vbic d1, d17, d31
vbic q1, q7, q15
vorr d1, d17, d31
vorr q1, q7, q15
vorn d1, d17, d31
vorn q1, q7, q15
veor d1, d17, d31
veor q1, q7, q15
vbsl d1, d17, d31
vbsl q1, q7, q15
vbit d1, d17, d31
vbit q1, q7, q15
vbif d1, d17, d31
vbif q1, q7, q15
vaddl.s8 q1, d17, d31
vaddl.s16 q1, d17, d31
vaddl.s32 q1, d17, d31
vaddl.u8 q1, d17, d31
vaddl.u16 q1, d17, d31
vaddl.u32 q1, d17, d31
vsubl.s8 q1, d17, d31
vsubl.s16 q1, d17, d31
vsubl.s32 q1, d17, d31
vsubl.u8 q1, d17, d31
vsubl.u16 q1, d17, d31
vsubl.u32 q1, d17, d31
vabal.s8 q1, d17, d31
vabal.s16 q1, d17, d31
vabal.s32 q1, d17, d31
vabal.u8 q1, d17, d31
vabal.u16 q1, d17, d31
vabal.u32 q1, d17, d31
vabdl.s8 q1, d17, d31
vabdl.s16 q1, d17, d31
vabdl.s32 q1, d17, d31
vabdl.u8 q1, d17, d31
vabdl.u16 q1, d17, d31
vabdl.u32 q1, d17, d31
vmlal.s8 q1, d17, d31
vmlal.s16 q1, d17, d31
vmlal.s32 q1, d17, d31
vmlal.u8 q1, d17, d31
vmlal.u16 q1, d17, d31
vmlal.u32 q1, d17, d31
vmlsl.s8 q1, d17, d31
vmlsl.s16 q1, d17, d31
vmlsl.s32 q1, d17, d31
vmlsl.u8 q1, d17, d31
vmlsl.u16 q1, d17, d31
vmlsl.u32 q1, d17, d31
vmull.s8 q1, d17, d31
vmull.s16 q1, d17, d31
vmull.s32 q1, d17, d31
vmull.u8 q1, d17, d31
vmull.u16 q1, d17, d31
vmull.u32 q1, d17, d31
vmull.p8 q1, d17, d31
vaddw.s8 q1, q7, d31
vaddw.s16 q1, q7, d31
vaddw.s32 q1, q7, d31
vaddw.u8 q1, q7, d31
vaddw.u16 q1, q7, d31
vaddw.u32 q1, q7, d31
vsubw.s8 q1, q7, d31
vsubw.s16 q1, q7, d31
vsubw.s32 q1, q7, d31
vsubw.u8 q1, q7, d31
vsubw.u16 q1, q7, d31
vsubw.u32 q1, q7, d31
vaddhn.i16 d1, q7, q15
vaddhn.i32 d1, q7, q15
vaddhn.i64 d1, q7, q15
vraddhn.i16 d1, q7, q15
vraddhn.i32 d1, q7, q15
vraddhn.i64 d1, q7, q15
vsubhn.i16 d1, q7, q15
vsubhn.i32 d1, q7, q15
vsubhn.i64 d1, q7, q15
vrsubhn.i16 d1, q7, q15
vrsubhn.i32 d1, q7, q15
vrsubhn.i64 d1, q7, q15
vqdmlal.s16 q1, d17, d31
vqdmlal.s32 q1, d17, d31
vqdmlsl.s16 q1, d17, d31
vqdmlsl.s32 q1, d17, d31
vqdmull.s16 q1, d17, d31
vqdmull.s32 q1, d17, d31
vmla.i16 d1, d17, d7[3]
vmla.i16 q1, q7, d7[3]
vmla.i32 d1, d17, d15[1]
vmla.i32 q1, q7, d15[1]
vmla.f32 d1, d17, d15[0]
vmla.f32 q1, q7, d15[0]
vmls.i16 d1, d17, d7[3]
vmls.i16 q1, q7, d7[3]
vmls.i32 d1, d17, d15[1]
vmls.i32 q1, q7, d15[1]
vmls.f32 d1, d17, d15[0]
vmls.f32 q1, q7, d15[0]
vmul.i16 d1, d17, d7[3]
vmul.i16 q1, q7, d7[3]
vmul.i32 d1, d17, d15[1]
vmul.i32 q1, q7, d15[1]
vmul.f32 d1, d17, d15[0]
vmul.f32 q1, q7, d15[0]
vqdmulh.s16 d1, d17, d7[3]
vqdmulh.s16 q1, q7, d7[3]
vqdmulh.s32 d1, d17, d15[1]
vqdmulh.s32 q1, q7, d15[1]
vqrdmulh.s16 d1, d17, d7[3]
vqrdmulh.s16 q1, q7, d7[3]
vqrdmulh.s32 d1, d17, d15[1]
vqrdmulh.s32 q1, q7, d15[1]
vmlal.s16 q1, d17, d7[3]
vmlal.u32 q1, d17, d15[1]
vmlal.u16 q1, d17, d0[0]
vmlal.s32 q1, d17, d3[0]
vmlsl.s16 q1, d17, d7[3]
vmlsl.u32 q1, d17, d15[1]
vmlsl.u16 q1, d17, d0[0]
vmlsl.s32 q1, d17, d3[0]
vmull.s16 q1, d17, d7[3]
vmull.u32 q1, d17, d15[1]
vmull.u16 q1, d17, d0[0]
vmull.s32 q1, d17, d3[0]
vqdmlal.s16 q1, d17, d7[3]
vqdmlal.s32 q1, d17, d15[1]
vqdmlsl.s16 q1, d17, d7[3]
vqdmlsl.s32 q1, d17, d15[1]
vqdmull.s16 q1, d17, d7[3]
vqdmull.s32 q1, d17, d15[1]
vshr.s8 d1, d31, #8
vshr.s8 q1, q15, #1
vshr.s16 d1, d31, #16
vshr.s16 q1, q15, #1
vshr.s32 d1, d31, #32
vshr.s32 q1, q15, #1
vshr.u8 d1, d31, #8
vshr.u8 q1, q15, #1
vshr.u16 d1, d31, #16
vshr.u16 q1, q15, #1
vshr.u32 d1, d31, #32
vshr.u32 q1, q15, #1
vshr.s64 d1, d31, #64
vshr.s64 q1, q15, #1
vshr.u64 d1, d31, #64
vshr.u64 q1, q15, #1
vsra.s8 d1, d31, #8
vsra.s8 q1, q15, #1
vsra.s16 d1, d31, #16
vsra.s16 q1, q15, #1
vsra.s32 d1, d31, #32
vsra.s32 q1, q15, #1
vsra.u8 d1, d31, #8
vsra.u8 q1, q15, #1
vsra.u16 d1, d31, #16
vsra.u16 q1, q15, #1
vsra.u32 d1, d31, #32
vsra.u32 q1, q15, #1
vsra.s64 d1, d31, #64
vsra.s64 q1, q15, #1
vsra.u64 d1, d31, #64
vsra.u64 q1, q15, #1
vrshr.s8 d1, d31, #8
vrshr.s8 q1, q15, #1
vrshr.s16 d1, d31, #16
vrshr.s16 q1, q15, #1
vrshr.s32 d1, d31, #32
vrshr.s32 q1, q15, #1
vrshr.u8 d1, d31, #8
vrshr.u8 q1, q15, #1
vrshr.u16 d1, d31, #16
vrshr.u16 q1, q15, #1
vrshr.u32 d1, d31, #32
vrshr.u32 q1, q15, #1
vrshr.s64 d1, d31, #64
vrshr.s64 q1, q15, #1
vrshr.u64 d1, d31, #64
vrshr.u64 q1, q15, #1
vrsra.s8 d1, d31, #8
vrsra.s8 q1, q15, #1
vrsra.s16 d1, d31, #16
vrsra.s16 q1, q15, #1
vrsra.s32 d1, d31, #32
vrsra.s32 q1, q15, #1
vrsra.u8 d1, d31, #8
vrsra.u8 q1, q15, #1
vrsra.u16 d1, d31, #16
vrsra.u16 q1, q15, #1
vrsra.u32 d1, d31, #32
vrsra.u32 q1, q15, #1
vrsra.s64 d1, d31, #64
vrsra.s64 q1, q15, #1
vrsra.u64 d1, d31, #64
vrsra.u64 q1, q15, #1
vsri.8 d1, d31, #8
vsli.8 q1, q15, #7
vshl.i8 d1, d31, #0
vshl.i8 q1, q15, #7
vqshlu.s8 d1, d31, #3
vsri.16 d1, d31, #16
vsli.16 q1, q15, #15
vshl.i16 d1, d31, #0
vshl.i16 q1, q15, #15
vqshlu.s16 d1, d31, #3
vsri.32 d1, d31, #32
vsli.32 q1, q15, #31
vshl.i32 d1, d31, #0
vshl.i32 q1, q15, #31
vqshlu.s32 d1, d31, #3
vsri.64 d1, d31, #64
vsli.64 q1, q15, #63
vshl.i64 d1, d31, #0
vshl.i64 q1, q15, #63
vqshlu.s64 d1, d31, #3
vqshl.s8 d1, d31, #7
vqshl.s8 q1, q15, #0
vqshl.s16 d1, d31, #15
vqshl.s16 q1, q15, #0
vqshl.s32 d1, d31, #31
vqshl.s32 q1, q15, #0
vqshl.u8 d1, d31, #7
vqshl.u8 q1, q15, #0
vqshl.u16 d1, d31, #15
vqshl.u16 q1, q15, #0
vqshl.u32 d1, d31, #31
vqshl.u32 q1, q15, #0
vqshl.s64 d1, d31, #63
vqshl.s64 q1, q15, #0
vqshl.u64 d1, d31, #63
vqshl.u64 q1, q15, #0
vshrn.i16 d1, q15, #8
vshrn.i32 d1, q15, #16
vshrn.i64 d1, q15, #32
vrshrn.i16 d1, q15, #8
vrshrn.i32 d1, q15, #16
vrshrn.i64 d1, q15, #32
vqshrun.s16 d1, q15, #1
vqshrun.s32 d1, q15, #1
vqshrun.s64 d1, q15, #1
vqrshrun.s16 d1, q15, #1
vqrshrun.s32 d1, q15, #1
vqrshrun.s64 d1, q15, #1
vqshrn.s16 d1, q15, #1
vqshrn.u16 d1, q15, #8
vqshrn.s32 d1, q15, #1
vqshrn.u32 d1, q15, #16
vqshrn.s64 d1, q15, #1
vqshrn.u64 d1, q15, #32
vqrshrn.s16 d1, q15, #1
vqrshrn.u16 d1, q15, #8
vqrshrn.s32 d1, q15, #1
vqrshrn.u32 d1, q15, #16
vqrshrn.s64 d1, q15, #1
vqrshrn.u64 d1, q15, #32
vshll.s8 q1, d31, #1
vmovl.s8 q1, d31
vshll.s16 q1, d31, #1
vmovl.s16 q1, d31
vshll.s32 q1, d31, #1
vmovl.s32 q1, d31
vshll.u8 q1, d31, #1
vmovl.u8 q1, d31
vshll.u16 q1, d31, #1
vmovl.u16 q1, d31
vshll.u32 q1, d31, #1
vmovl.u32 q1, d31
vshll.i8 q1, d31, #8
vshll.i16 q1, d31, #16
vshll.i32 q1, d31, #32
vcvt.s32.f32 d1, d31, #32
vcvt.f32.s32 q1, q15, #1
vcvt.s32.f32 q1, q15
vcvt.f32.s32 d1, d31
vcvt.u32.f32 d1, d31, #32
vcvt.f32.u32 q1, q15, #1
vcvt.u32.f32 q1, q15
vcvt.f32.u32 d1, d31
vcvt.f16.f32 d1, q15
vcvt.f32.f16 q1, d31
vmov.i32 d1, #0xab
vmov.i32 q1, #0xab00
vmov.i32 d1, #0xab0000
vmov.i32 d1, #0xab000000
vmov.i16 d1, #0xab
vmov.i16 q15, #0xab00
vmov.i32 d1, #0xabff
vmov.i32 d1, #0xabffff
vmov.i8 q1, #0xab
vmov.i64 d1, #0xff00ff00ff0000ff
vmov.f32 q1, #1.0
vmvn.i32 d1, #0xab
vmvn.i16 d1, #0xab00
vmvn.i32 q1, #0xabffff
vorr.i32 d1, #0xab
vorr.i16 q1, #0xab00
vbic.i32 d1, #0xab000000
vbic.i16 d1, #0xab
vrev64.8 d1, d31
vrev64.8 q1, q15
vrev64.16 d1, d31
vrev64.16 q1, q15
vrev64.32 d1, d31
vrev64.32 q1, q15
vrev32.8 d1, d31
vrev32.8 q1, q15
vrev32.16 d1, d31
vrev32.16 q1, q15
vrev16.8 d1, d31
vrev16.8 q1, q15
vcnt.8 d1, d31
vcnt.8 q1, q15
vcls.s8 d1, d31
vcls.s8 q1, q15
vcls.s16 d1, d31
vcls.s16 q1, q15
vcls.s32 d1, d31
vcls.s32 q1, q15
vqabs.s8 d1, d31
vqabs.s8 q1, q15
vqabs.s16 d1, d31
vqabs.s16 q1, q15
vqabs.s32 d1, d31
vqabs.s32 q1, q15
vqneg.s8 d1, d31
vqneg.s8 q1, q15
vqneg.s16 d1, d31
vqneg.s16 q1, q15
vqneg.s32 d1, d31
vqneg.s32 q1, q15
vclz.i8 d1, d31
vclz.i8 q1, q15
vclz.i16 d1, d31
vclz.i16 q1, q15
vclz.i32 d1, d31
vclz.i32 q1, q15
vcgt.s8 d1, d31, #0
vcgt.s8 q1, q15, #0
vcgt.s16 d1, d31, #0
vcgt.s16 q1, q15, #0
vcgt.s32 d1, d31, #0
vcgt.s32 q1, q15, #0
vcgt.f32 d1, d31, #0
vcgt.f32 q1, q15, #0
vcge.s8 d1, d31, #0
vcge.s8 q1, q15, #0
vcge.s16 d1, d31, #0
vcge.s16 q1, q15, #0
vcge.s32 d1, d31, #0
vcge.s32 q1, q15, #0
vcge.f32 d1, d31, #0
vcge.f32 q1, q15, #0
vceq.i8 d1, d31, #0
vceq.i8 q1, q15, #0
vceq.i16 d1, d31, #0
vceq.i16 q1, q15, #0
vceq.i32 d1, d31, #0
vceq.i32 q1, q15, #0
vceq.f32 d1, d31, #0
vceq.f32 q1, q15, #0
vcle.s8 d1, d31, #0
vcle.s8 q1, q15, #0
vcle.s16 d1, d31, #0
vcle.s16 q1, q15, #0
vcle.s32 d1, d31, #0
vcle.s32 q1, q15, #0
vcle.f32 d1, d31, #0
vcle.f32 q1, q15, #0
vclt.s8 d1, d31, #0
vclt.s8 q1, q15, #0
vclt.s16 d1, d31, #0
vclt.s16 q1, q15, #0
vclt.s32 d1, d31, #0
vclt.s32 q1, q15, #0
vclt.f32 d1, d31, #0
vclt.f32 q1, q15, #0
vabs.s8 d1, d31
vabs.s8 q1, q15
vabs.s16 d1, d31
vabs.s16 q1, q15
vabs.s32 d1, d31
vabs.s32 q1, q15
vabs.f32 d1, d31
vabs.f32 q1, q15
vneg.s8 d1, d31
vneg.s8 q1, q15
vneg.s16 d1, d31
vneg.s16 q1, q15
vneg.s32 d1, d31
vneg.s32 q1, q15
vneg.f32 d1, d31
vneg.f32 q1, q15
vpaddl.s8 d1, d31
vpaddl.s8 q1, q15
vpaddl.s16 d1, d31
vpaddl.s16 q1, q15
vpaddl.s32 d1, d31
vpaddl.s32 q1, q15
vpaddl.u8 d1, d31
vpaddl.u8 q1, q15
vpaddl.u16 d1, d31
vpaddl.u16 q1, q15
vpaddl.u32 d1, d31
vpaddl.u32 q1, q15
vpadal.s8 d1, d31
vpadal.s8 q1, q15
vpadal.s16 d1, d31
vpadal.s16 q1, q15
vpadal.s32 d1, d31
vpadal.s32 q1, q15
vpadal.u8 d1, d31
vpadal.u8 q1, q15
vpadal.u16 d1, d31
vpadal.u16 q1, q15
vpadal.u32 d1, d31
vpadal.u32 q1, q15
vmvn d1, d31
vmvn q1, q15
vswp d1, d31
vswp q1, q15
vmov d1, d31
vmov q1, q15
vtrn.8 d1, d31
vtrn.8 q1, q15
vuzp.8 q1, q15
vzip.8 q1, q15
vtrn.16 d1, d31
vtrn.16 q1, q15
vuzp.16 q1, q15
vzip.16 q1, q15
vtrn.32 d1, d31
vtrn.32 q1, q15
vuzp.32 q1, q15
vzip.32 q1, q15
vuzp.8 d1, d31
vzip.8 d1, d31
vuzp.16 d1, d31
vzip.16 d1, d31
vmovn.i16 d1, q15
vqmovn.s16 d1, q15
vqmovn.u16 d1, q15
vqmovun.s16 d1, q15
vmovn.i32 d1, q15
vqmovn.s32 d1, q15
vqmovn.u32 d1, q15
vqmovun.s32 d1, q15
vmovn.i64 d1, q15
vqmovn.s64 d1, q15
vqmovn.u64 d1, q15
vqmovun.s64 d1, q15
vrecpe.u32 d1, d31
vrecpe.u32 q1, q15
vrsqrte.u32 d1, d31
vrsqrte.u32 q1, q15
vrecpe.f32 d1, d31
vrecpe.f32 q1, q15
vrsqrte.f32 d1, d31
vrsqrte.f32 q1, q15
vext.8 d1, d17, d31, #7
vext.8 q1, q7, q15, #15
vtbl.8 d1, {d16}, d31
vtbx.8 d1, {d16}, d31
vtbl.8 d1, {d16, d17}, d31
vtbx.8 d1, {d16, d17}, d31
vtbl.8 d1, {d16, d17, d18}, d31
vtbx.8 d1, {d16, d17, d18}, d31
vtbl.8 d1, {d16, d17, d18, d19}, d31
vtbx.8 d1, {d16, d17, d18, d19}, d31
vdup.8 d1, d31[7]
vdup.16 q1, d31[3]
vdup.32 q1, d31[1]
vld1.8 {d16}, [r3]
vld1.8 {d16}, [r3]!
vld1.8 {d16}, [r3], r5
vld1.8 {d16, d17}, [r3]
vld1.8 {d16, d17}, [r3]!
vld1.8 {d16, d17}, [r3], r5
vld1.8 {d16, d17, d18}, [r3]
vld1.8 {d16, d17, d18}, [r3]!
vld1.8 {d16, d17, d18}, [r3], r5
vld1.8 {d16, d17, d18, d19}, [r3]
vld1.8 {d16, d17, d18, d19}, [r3]!
vld1.8 {d16, d17, d18, d19}, [r3], r5
vld1.16 {d16}, [r3:64]
vld1.16 {d16}, [r3]!
vld1.16 {d16}, [r3], r5
vld1.16 {d16, d17}, [r3:64]
vld1.16 {d16, d17}, [r3]!
vld1.16 {d16, d17}, [r3], r5
vld1.16 {d16, d17, d18}, [r3:64]
vld1.16 {d16, d17, d18}, [r3]!
vld1.16 {d16, d17, d18}, [r3], r5
vld1.16 {d16, d17, d18, d19}, [r3:64]
vld1.16 {d16, d17, d18, d19}, [r3]!
vld1.16 {d16, d17, d18, d19}, [r3], r5
vld1.32 {d16}, [r3]
vld1.32 {d16}, [r3]!
vld1.32 {d16}, [r3], r5
vld1.32 {d16, d17}, [r3]
vld1.32 {d16, d17}, [r3]!
vld1.32 {d16, d17}, [r3], r5
vld1.32 {d16, d17, d18}, [r3]
vld1.32 {d16, d17, d18}, [r3]!
vld1.32 {d16, d17, d18}, [r3], r5
vld1.32 {d16, d17, d18, d19}, [r3]
vld1.32 {d16, d17, d18, d19}, [r3]!
vld1.32 {d16, d17, d18, d19}, [r3], r5
vld1.64 {d16}, [r3:64]
vld1.64 {d16}, [r3]!
vld1.64 {d16}, [r3], r5
vld1.64 {d16, d17}, [r3:64]
vld1.64 {d16, d17}, [r3]!
vld1.64 {d16, d17}, [r3], r5
vld1.64 {d16, d17, d18}, [r3:64]
vld1.64 {d16, d17, d18}, [r3]!
vld1.64 {d16, d17, d18}, [r3], r5
vld1.64 {d16, d17, d18, d19}, [r3:64]
vld1.64 {d16, d17, d18, d19}, [r3]!
vld1.64 {d16, d17, d18, d19}, [r3], r5
vld2.8 {d4, d5}, [r3]!
vld2.8 {d4, d6}, [r3]!
vld2.8 {d4, d5, d6, d7}, [r3]!
vld3.8 {d4, d5, d6}, [r3]!
vld3.8 {d4, d6, d8}, [r3]!
vld4.8 {d4, d5, d6, d7}, [r3]!
vld4.8 {d4, d6, d8, d10}, [r3]!
vld1.8 {d4[1]}, [r3], r5
vld2.8 {d4[1], d5[1]}, [r3], r5
vld3.8 {d4[1], d5[1], d6[1]}, [r3], r5
vld4.8 {d4[1], d5[1], d6[1], d7[1]}, [r3], r5
vld2.16 {d4, d5}, [r3]!
vld2.16 {d4, d6}, [r3]!
vld2.16 {d4, d5, d6, d7}, [r3]!
vld3.16 {d4, d5, d6}, [r3]!
vld3.16 {d4, d6, d8}, [r3]!
vld4.16 {d4, d5, d6, d7}, [r3]!
vld4.16 {d4, d6, d8, d10}, [r3]!
vld1.16 {d4[1]}, [r3], r5
vld2.16 {d4[1], d5[1]}, [r3], r5
vld2.16 {d4[1], d6[1]}, [r3]
vld3.16 {d4[1], d5[1], d6[1]}, [r3], r5
vld3.16 {d4[1], d6[1], d8[1]}, [r3]
vld4.16 {d4[1], d5[1], d6[1], d7[1]}, [r3], r5
vld4.16 {d4[1], d6[1], d8[1], d10[1]}, [r3]
vld2.32 {d4, d5}, [r3]!
vld2.32 {d4, d6}, [r3]!
vld2.32 {d4, d5, d6, d7}, [r3]!
vld3.32 {d4, d5, d6}, [r3]!
vld3.32 {d4, d6, d8}, [r3]!
vld4.32 {d4, d5, d6, d7}, [r3]!
vld4.32 {d4, d6, d8, d10}, [r3]!
vld1.32 {d4[1]}, [r3], r5
vld2.32 {d4[1], d5[1]}, [r3], r5
vld2.32 {d4[1], d6[1]}, [r3]
vld3.32 {d4[1], d5[1], d6[1]}, [r3], r5
vld3.32 {d4[1], d6[1], d8[1]}, [r3]
vld4.32 {d4[1], d5[1], d6[1], d7[1]}, [r3], r5
vld4.32 {d4[1], d6[1], d8[1], d10[1]}, [r3]
vst1.8 {d16}, [r3]
vst1.8 {d16}, [r3]!
vst1.8 {d16}, [r3], r5
vst1.8 {d16, d17}, [r3]
vst1.8 {d16, d17}, [r3]!
vst1.8 {d16, d17}, [r3], r5
vst1.8 {d16, d17, d18}, [r3]
vst1.8 {d16, d17, d18}, [r3]!
vst1.8 {d16, d17, d18}, [r3], r5
vst1.8 {d16, d17, d18, d19}, [r3]
vst1.8 {d16, d17, d18, d19}, [r3]!
vst1.8 {d16, d17, d18, d19}, [r3], r5
vst1.16 {d16}, [r3:64]
vst1.16 {d16}, [r3]!
vst1.16 {d16}, [r3], r5
vst1.16 {d16, d17}, [r3:64]
vst1.16 {d16, d17}, [r3]!
vst1.16 {d16, d17}, [r3], r5
vst1.16 {d16, d17, d18}, [r3:64]
vst1.16 {d16, d17, d18}, [r3]!
vst1.16 {d16, d17, d18}, [r3], r5
vst1.16 {d16, d17, d18, d19}, [r3:64]
vst1.16 {d16, d17, d18, d19}, [r3]!
vst1.16 {d16, d17, d18, d19}, [r3], r5
vst1.32 {d16}, [r3]
vst1.32 {d16}, [r3]!
vst1.32 {d16}, [r3], r5
vst1.32 {d16, d17}, [r3]
vst1.32 {d16, d17}, [r3]!
vst1.32 {d16, d17}, [r3], r5
vst1.32 {d16, d17, d18}, [r3]
vst1.32 {d16, d17, d18}, [r3]!
vst1.32 {d16, d17, d18}, [r3], r5
vst1.32 {d16, d17, d18, d19}, [r3]
vst1.32 {d16, d17, d18, d19}, [r3]!
vst1.32 {d16, d17, d18, d19}, [r3], r5
vst1.64 {d16}, [r3:64]
vst1.64 {d16}, [r3]!
vst1.64 {d16}, [r3], r5
vst1.64 {d16, d17}, [r3:64]
vst1.64 {d16, d17}, [r3]!
vst1.64 {d16, d17}, [r3], r5
vst1.64 {d16, d17, d18}, [r3:64]
vst1.64 {d16, d17, d18}, [r3]!
vst1.64 {d16, d17, d18}, [r3], r5
vst1.64 {d16, d17, d18, d19}, [r3:64]
vst1.64 {d16, d17, d18, d19}, [r3]!
vst1.64 {d16, d17, d18, d19}, [r3], r5
vst2.8 {d4, d5}, [r3]!
vst2.8 {d4, d6}, [r3]!
vst2.8 {d4, d5, d6, d7}, [r3]!
vst3.8 {d4, d5, d6}, [r3]!
vst3.8 {d4, d6, d8}, [r3]!
vst4.8 {d4, d5, d6, d7}, [r3]!
vst4.8 {d4, d6, d8, d10}, [r3]!
vst1.8 {d4[1]}, [r3], r5
vst2.8 {d4[1], d5[1]}, [r3], r5
vst3.8 {d4[1], d5[1], d6[1]}, [r3], r5
vst4.8 {d4[1], d5[1], d6[1], d7[1]}, [r3], r5
vst2.16 {d4, d5}, [r3]!
vst2.16 {d4, d6}, [r3]!
vst2.16 {d4, d5, d6, d7}, [r3]!
vst3.16 {d4, d5, d6}, [r3]!
vst3.16 {d4, d6, d8}, [r3]!
vst4.16 {d4, d5, d6, d7}, [r3]!
vst4.16 {d4, d6, d8, d10}, [r3]!
vst1.16 {d4[1]}, [r3], r5
vst2.16 {d4[1], d5[1]}, [r3], r5
vst2.16 {d4[1], d6[1]}, [r3]
vst3.16 {d4[1], d5[1], d6[1]}, [r3], r5
vst3.16 {d4[1], d6[1], d8[1]}, [r3]
vst4.16 {d4[1], d5[1], d6[1], d7[1]}, [r3], r5
vst4.16 {d4[1], d6[1], d8[1], d10[1]}, [r3]
vst2.32 {d4, d5}, [r3]!
vst2.32 {d4, d6}, [r3]!
vst2.32 {d4, d5, d6, d7}, [r3]!
vst3.32 {d4, d5, d6}, [r3]!
vst3.32 {d4, d6, d8}, [r3]!
vst4.32 {d4, d5, d6, d7}, [r3]!
vst4.32 {d4, d6, d8, d10}, [r3]!
vst1.32 {d4[1]}, [r3], r5
vst2.32 {d4[1], d5[1]}, [r3], r5
vst2.32 {d4[1], d6[1]}, [r3]
vst3.32 {d4[1], d5[1], d6[1]}, [r3], r5
vst3.32 {d4[1], d6[1], d8[1]}, [r3]
vst4.32 {d4[1], d5[1], d6[1], d7[1]}, [r3], r5
vst4.32 {d4[1], d6[1], d8[1], d10[1]}, [r3]
vld1.8 {d4[]}, [r3]!
vld2.8 {d4[], d5[]}, [r3]!
vld3.8 {d4[], d5[], d6[]}, [r3]!
vld4.8 {d4[], d5[], d6[], d7[]}, [r3]!
vld1.8 {d4[], d5[]}, [r3]
vld4.8 {d4[], d6[], d8[], d10[]}, [r3], r5
vld1.16 {d4[]}, [r3]!
vld2.16 {d4[], d5[]}, [r3]!
vld3.16 {d4[], d5[], d6[]}, [r3]!
vld4.16 {d4[], d5[], d6[], d7[]}, [r3]!
vld1.16 {d4[], d5[]}, [r3]
vld4.16 {d4[], d6[], d8[], d10[]}, [r3], r5
vld1.32 {d4[]}, [r3]!
vld2.32 {d4[], d5[]}, [r3]!
vld3.32 {d4[], d5[], d6[]}, [r3]!
vld4.32 {d4[], d5[], d6[], d7[]}, [r3]!
vld1.32 {d4[], d5[]}, [r3]
vld4.32 {d4[], d6[], d8[], d10[]}, [r3], r5
vld1.16 {d4[]}, [r3:16]
vld2.8 {d4[], d5[]}, [r3:16]
vld4.32 {d4[], d5[], d6[], d7[]}, [r3:128]
vld4.32 {d4[1], d5[1], d6[1], d7[1]}, [r3:128]
vld1.32 {d4[1]}, [r3:32]
