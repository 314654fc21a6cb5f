target datalayout = "e-m:e-p:32:32-Fi8-i64:64-v128:64:128-a:0:32-n32-S64"
target triple = "armv7a-unknown-unknown-eabi"


declare void @"metal_panic"(i32) noreturn nounwind cold

define i32 @"machine.swap"(i32 %p0) nounwind noimplicitfloat optsize "frame-pointer"="none" "no-builtins" align 4 {
entry:
  %v0 = alloca i32
  %v1 = alloca i32
  store i32 %p0, ptr %v0
  %t1 = call i32 asm sideeffect "mrc p15, 0, $0, c2, c0, 0", "=r,~{memory}"()
  store i32 %t1, ptr %v1
  %t2 = load i32, ptr %v0
  call void asm sideeffect "mcr p15, 0, $0, c2, c0, 0", "r,~{memory}"(i32 %t2)
  call void asm sideeffect "dsb sy", "~{memory}"()
  %t3 = load i32, ptr %v1
  %t4 = load i32, ptr %v0
  %t5 = load i32, ptr %v1
  %t6 = call i32 asm sideeffect "add ${0}, ${1}, ${2} @ $$", "=r,r,r,~{memory},~{cc}"(i32 %t4, i32 %t5)
  %t7 = add i32 %t3, %t6
  ret i32 %t7
}

define void @"_start"() nounwind noimplicitfloat naked noinline optsize "frame-pointer"="none" "no-builtins" section ".text.first" align 4 {
entry:
  call void asm sideeffect "ldmia r0!, {r1-r3}", ""()
  call void asm sideeffect "b machine.swap", ""()
  unreachable
}

!0 = !{}
