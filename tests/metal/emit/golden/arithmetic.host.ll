@metal_memory_base = external global ptr
@metal_stack_pointer = external global i32

declare void @"metal_panic"(i32) noreturn nounwind cold

define i32 @"arithmetic.wraps"(i32 %p0, i32 %p1) nounwind "frame-pointer"="none" align 4 {
entry:
  %v0 = alloca i32
  %v1 = alloca i32
  store i32 %p0, ptr %v0
  store i32 %p1, ptr %v1
  %t1 = load i32, ptr %v0
  %t2 = load i32, ptr %v1
  %t3 = mul i32 %t2, 3
  %t4 = add i32 %t1, %t3
  ret i32 %t4
}

define i32 @"arithmetic.shifts"(i32 %p0, i8 %p1) nounwind "frame-pointer"="none" align 4 {
entry:
  %v0 = alloca i32
  %v1 = alloca i8
  store i32 %p0, ptr %v0
  store i8 %p1, ptr %v1
  %t1 = load i32, ptr %v0
  %t2 = load i8, ptr %v1
  %t3 = icmp ult i8 %t2, 32
  %t4 = zext i8 %t2 to i32
  %t5 = shl i32 %t1, %t4
  %t6 = select i1 %t3, i32 %t5, i32 0
  %t7 = ashr i32 %t6, 31
  ret i32 %t7
}

define i32 @"arithmetic.divides"(i32 %p0, i32 %p1) nounwind "frame-pointer"="none" align 4 {
entry:
  %v0 = alloca i32
  %v1 = alloca i32
  store i32 %p0, ptr %v0
  store i32 %p1, ptr %v1
  %t1 = load i32, ptr %v0
  %t2 = ashr i32 %t1, 3
  %t3 = load i32, ptr %v0
  %t4 = sdiv i32 %t3, 5
  %t5 = mul i32 %t4, 5
  %t6 = sub i32 %t3, %t5
  %t7 = icmp ne i32 %t6, 0
  %t8 = xor i32 %t6, 5
  %t9 = icmp slt i32 %t8, 0
  %t10 = and i1 %t7, %t9
  %t11 = select i1 %t10, i32 5, i32 0
  %t12 = add i32 %t6, %t11
  %t13 = add i32 %t2, %t12
  %t14 = load i32, ptr %v1
  %t15 = udiv i32 %t14, 10
  %t16 = add i32 %t13, %t15
  %t17 = load i32, ptr %v1
  %t18 = load i32, ptr %v1
  %t19 = icmp eq i32 %t18, 0
  %t20 = select i1 %t19, i32 1, i32 %t18
  %t21 = udiv i32 %t17, %t20
  %t22 = select i1 %t19, i32 0, i32 %t21
  %t23 = add i32 %t16, %t22
  ret i32 %t23
}

!0 = !{}
