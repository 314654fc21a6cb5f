target datalayout = "e-m:e-p:32:32-Fi8-i64:64-v128:64:128-a:0:32-n32-S64"
target triple = "armv7a-unknown-unknown-eabi"


declare void @"metal_panic"(i32) noreturn nounwind cold
declare i32 @llvm.ctlz.i32(i32, i1)

define i32 @"arithmetic.wraps"(i32 %p0, i32 %p1) nounwind noimplicitfloat optsize "frame-pointer"="none" "no-builtins" align 4 {
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

define i32 @"arithmetic.shifts"(i32 %p0, i8 %p1) nounwind noimplicitfloat optsize "frame-pointer"="none" "no-builtins" align 4 {
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

define i32 @"arithmetic.divides"(i32 %p0, i32 %p1) nounwind noimplicitfloat optsize "frame-pointer"="none" "no-builtins" align 4 {
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
  %t19 = call i32 @"ovm.metal.runtime.divide.u32_divide"(i32 %t17, i32 %t18)
  %t20 = add i32 %t16, %t19
  ret i32 %t20
}

define internal i32 @"ovm.metal.runtime.divide.u32_divide"(i32 %p0, i32 %p1) nounwind noimplicitfloat noinline optsize "frame-pointer"="none" "no-builtins" align 4 {
entry:
  %v0 = alloca i32
  %v1 = alloca i32
  %v2 = alloca i32
  %v3 = alloca i32
  %v4 = alloca i32
  %v5 = alloca i32
  %v6 = alloca i32
  %counter.9 = alloca i32
  store i32 %p0, ptr %v0
  store i32 %p1, ptr %v1
  %t1 = load i32, ptr %v1
  %t2 = icmp eq i32 %t1, 0
  br i1 %t2, label %done.5, label %more.4
more.4:
  %t3 = load i32, ptr %v1
  %t4 = load i32, ptr %v0
  %t5 = icmp ugt i32 %t3, %t4
  br label %done.5
done.5:
  %t6 = phi i1 [ true, %entry ], [ %t5, %more.4 ]
  br i1 %t6, label %then.1, label %end.3
then.1:
  ret i32 0
end.3:
  %t7 = load i32, ptr %v1
  %t8 = call i32 @llvm.ctlz.i32(i32 %t7, i1 false)
  %t9 = load i32, ptr %v0
  %t10 = call i32 @llvm.ctlz.i32(i32 %t9, i1 false)
  %t11 = sub i32 %t8, %t10
  store i32 %t11, ptr %v2
  %t12 = load i32, ptr %v1
  %t13 = load i32, ptr %v2
  %t14 = icmp ult i32 %t13, 32
  %t15 = shl i32 %t12, %t13
  %t16 = select i1 %t14, i32 %t15, i32 0
  store i32 %t16, ptr %v3
  %t17 = load i32, ptr %v0
  store i32 %t17, ptr %v4
  store i32 0, ptr %v5
  %t18 = load i32, ptr %v2
  %t19 = icmp ult i32 %t18, 32
  %t20 = shl i32 1, %t18
  %t21 = select i1 %t19, i32 %t20, i32 0
  store i32 %t21, ptr %v6
  store i32 0, ptr %counter.9
  br label %while.6
while.6:
  %t22 = load i32, ptr %v6
  %t23 = icmp ne i32 %t22, 0
  br i1 %t23, label %body.7, label %end.8
body.7:
  %t24 = load i32, ptr %counter.9
  %t25 = icmp ult i32 %t24, 32
  br i1 %t25, label %ok.10, label %stop.11
stop.11:
  call void @"metal_panic"(i32 -65532)
  unreachable
ok.10:
  %t26 = add i32 %t24, 1
  store i32 %t26, ptr %counter.9
  %t27 = load i32, ptr %v4
  %t28 = load i32, ptr %v3
  %t29 = icmp uge i32 %t27, %t28
  br i1 %t29, label %then.12, label %end.14
then.12:
  %t30 = load i32, ptr %v4
  %t31 = load i32, ptr %v3
  %t32 = sub i32 %t30, %t31
  store i32 %t32, ptr %v4
  %t33 = load i32, ptr %v5
  %t34 = load i32, ptr %v6
  %t35 = or i32 %t33, %t34
  store i32 %t35, ptr %v5
  br label %end.14
end.14:
  %t36 = load i32, ptr %v3
  %t37 = lshr i32 %t36, 1
  store i32 %t37, ptr %v3
  %t38 = load i32, ptr %v6
  %t39 = lshr i32 %t38, 1
  store i32 %t39, ptr %v6
  br label %while.6
end.8:
  %t40 = load i32, ptr %v5
  ret i32 %t40
}

!0 = !{}
