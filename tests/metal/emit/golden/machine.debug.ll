target datalayout = "e-m:e-p:32:32-Fi8-i64:64-v128:64:128-a:0:32-n32-S64"
target triple = "armv7a-unknown-unknown-eabi"


declare void @"metal_panic"(i32) noreturn nounwind cold

define i32 @"machine.swap"(i32 %p0) nounwind noimplicitfloat optsize "frame-pointer"="none" "no-builtins" align 4 !dbg !6 {
entry:
  %v0 = alloca i32
  %v1 = alloca i32
  store i32 %p0, ptr %v0, !dbg !7
  #dbg_declare(ptr %v0, !8, !DIExpression(), !7)
  #dbg_declare(ptr %v1, !9, !DIExpression(), !10)
  %t1 = call i32 asm sideeffect "mrc p15, 0, $0, c2, c0, 0", "=r,~{memory}"(), !dbg !12
  store i32 %t1, ptr %v1, !dbg !11
  %t2 = load i32, ptr %v0, !dbg !14
  call void asm sideeffect "mcr p15, 0, $0, c2, c0, 0", "r,~{memory}"(i32 %t2), !dbg !13
  call void asm sideeffect "dsb sy", "~{memory}"(), !dbg !15
  %t3 = load i32, ptr %v1, !dbg !17
  %t4 = load i32, ptr %v0, !dbg !19
  %t5 = load i32, ptr %v1, !dbg !20
  %t6 = call i32 asm sideeffect "add ${0}, ${1}, ${2} @ $$", "=r,r,r,~{memory},~{cc}"(i32 %t4, i32 %t5), !dbg !18
  %t7 = add i32 %t3, %t6, !dbg !17
  ret i32 %t7, !dbg !16
}

define void @"_start"() nounwind noimplicitfloat naked noinline optsize "frame-pointer"="none" "no-builtins" section ".text.first" align 4 !dbg !23 {
entry:
  call void asm sideeffect "ldmia r0!, {r1-r3}", ""(), !dbg !25
  call void asm sideeffect "b machine.swap", ""(), !dbg !26
  unreachable, !dbg !26
}

!llvm.dbg.cu = !{!1}
!llvm.module.flags = !{!28, !29}
!0 = !{}
!1 = distinct !DICompileUnit(language: DW_LANG_C99, file: !2, producer: "metal", isOptimized: true, runtimeVersion: 0, emissionKind: FullDebug, globals: !27)
!2 = !DIFile(filename: "machine.py", directory: ".")
!3 = !DIBasicType(name: "u32", size: 32, encoding: DW_ATE_unsigned)
!4 = !{!3, !3}
!5 = !DISubroutineType(types: !4)
!6 = distinct !DISubprogram(name: "swap", scope: !2, file: !2, line: 10, type: !5, scopeLine: 10, spFlags: DISPFlagDefinition | DISPFlagOptimized, unit: !1)
!7 = !DILocation(line: 10, column: 1, scope: !6)
!8 = !DILocalVariable(name: "table", arg: 1, scope: !6, file: !2, line: 10, type: !3)
!9 = !DILocalVariable(name: "before", scope: !6, file: !2, line: 11, type: !3)
!10 = !DILocation(line: 11, column: 1, scope: !6)
!11 = !DILocation(line: 11, column: 5, scope: !6)
!12 = !DILocation(line: 11, column: 14, scope: !6)
!13 = !DILocation(line: 12, column: 5, scope: !6)
!14 = !DILocation(line: 12, column: 23, scope: !6)
!15 = !DILocation(line: 13, column: 5, scope: !6)
!16 = !DILocation(line: 14, column: 5, scope: !6)
!17 = !DILocation(line: 14, column: 12, scope: !6)
!18 = !DILocation(line: 14, column: 21, scope: !6)
!19 = !DILocation(line: 14, column: 63, scope: !6)
!20 = !DILocation(line: 14, column: 70, scope: !6)
!21 = !{null}
!22 = !DISubroutineType(types: !21)
!23 = distinct !DISubprogram(name: "start", scope: !2, file: !2, line: 18, type: !22, scopeLine: 18, spFlags: DISPFlagDefinition | DISPFlagOptimized, unit: !1)
!24 = !DILocation(line: 18, column: 1, scope: !23)
!25 = !DILocation(line: 20, column: 1, scope: !23)
!26 = !DILocation(line: 21, column: 1, scope: !23)
!27 = !{}
!28 = !{i32 2, !"Debug Info Version", i32 3}
!29 = !{i32 7, !"Dwarf Version", i32 4}
