target datalayout = "e-m:e-p:32:32-Fi8-i64:64-v128:64:128-a:0:32-n32-S64"
target triple = "armv7a-unknown-unknown-eabi"

@"places.PORT" = global [4 x i8] zeroinitializer, align 4
@"places.ENTRIES" = global [32 x i8] zeroinitializer, section ".entries", align 32

declare void @"metal_panic"(i32) noreturn nounwind cold

define i8 @"places.touch"(i32 %p0, ptr %p1) nounwind noimplicitfloat optsize "frame-pointer"="none" "no-builtins" align 4 {
entry:
  %v0 = alloca i32
  %v1 = alloca ptr
  store i32 %p0, ptr %v0
  store ptr %p1, ptr %v1
  %t1 = load volatile i32, ptr @"places.PORT"
  %t2 = load i32, ptr %v0
  %t3 = or i32 %t1, %t2
  store volatile i32 %t3, ptr @"places.PORT"
  %t4 = getelementptr i8, ptr @"places.ENTRIES", i32 8
  %t5 = load i16, ptr %t4
  %t6 = icmp eq i16 %t5, 7
  %t7 = zext i1 %t6 to i8
  %t8 = load i32, ptr %v0
  %t9 = icmp ult i32 %t8, 8
  br i1 %t9, label %ok.1, label %stop.2
stop.2:
  call void @"metal_panic"(i32 -65535)
  unreachable
ok.1:
  %t10 = getelementptr [4 x i8], ptr @"places.ENTRIES", i32 %t8
  %t11 = getelementptr i8, ptr %t10, i32 2
  store i8 %t7, ptr %t11
  %t12 = load ptr, ptr %v1
  %t13 = load i32, ptr %v0
  %t14 = getelementptr [1 x i8], ptr %t12, i32 %t13
  %t15 = load i8, ptr %t14
  ret i8 %t15
}

!0 = !{}
