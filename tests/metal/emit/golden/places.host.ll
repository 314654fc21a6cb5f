@metal_memory_base = external global ptr
@metal_stack_pointer = external global i32

declare void @"metal_panic"(i32) noreturn nounwind cold

define i8 @"places.touch"(i32 %p0, i32 %p1) nounwind "frame-pointer"="none" align 4 {
entry:
  %v0 = alloca i32
  %v1 = alloca i32
  store i32 %p0, ptr %v0
  store i32 %p1, ptr %v1
  %t1 = load ptr, ptr @metal_memory_base, align 8, !invariant.load !0
  %t2 = zext i32 268435456 to i64
  %t3 = getelementptr i8, ptr %t1, i64 %t2
  %t4 = load volatile i32, ptr %t3
  %t5 = load i32, ptr %v0
  %t6 = or i32 %t4, %t5
  %t7 = load ptr, ptr @metal_memory_base, align 8, !invariant.load !0
  %t8 = zext i32 268435456 to i64
  %t9 = getelementptr i8, ptr %t7, i64 %t8
  store volatile i32 %t6, ptr %t9
  %t10 = add i32 268435488, 8
  %t11 = load ptr, ptr @metal_memory_base, align 8, !invariant.load !0
  %t12 = zext i32 %t10 to i64
  %t13 = getelementptr i8, ptr %t11, i64 %t12
  %t14 = load i16, ptr %t13
  %t15 = icmp eq i16 %t14, 7
  %t16 = zext i1 %t15 to i8
  %t17 = load i32, ptr %v0
  %t18 = mul i32 %t17, 4
  %t19 = add i32 268435488, %t18
  %t20 = add nuw i32 %t19, 2
  %t21 = load ptr, ptr @metal_memory_base, align 8, !invariant.load !0
  %t22 = zext i32 %t20 to i64
  %t23 = getelementptr i8, ptr %t21, i64 %t22
  store i8 %t16, ptr %t23
  %t24 = load i32, ptr %v1
  %t25 = load i32, ptr %v0
  %t26 = add i32 %t24, %t25
  %t27 = load ptr, ptr @metal_memory_base, align 8, !invariant.load !0
  %t28 = zext i32 %t26 to i64
  %t29 = getelementptr i8, ptr %t27, i64 %t28
  %t30 = load i8, ptr %t29
  ret i8 %t30
}

!0 = !{}
