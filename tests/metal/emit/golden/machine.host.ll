@metal_memory_base = external global ptr
@metal_stack_pointer = external global i32
declare i32 @metal_cp15_read(i32) nounwind
declare void @metal_cp15_write(i32, i32) nounwind
declare void @metal_barrier(i32) nounwind
declare i32 @metal_asm(i32, i32, i32, i32, i32) nounwind

declare void @"metal_panic"(i32) noreturn nounwind cold

define i32 @"machine.swap"(i32 %p0) nounwind "frame-pointer"="none" align 4 {
entry:
  %v0 = alloca i32
  %v1 = alloca i32
  store i32 %p0, ptr %v0
  %t1 = call i32 @metal_cp15_read(i32 8192)
  store i32 %t1, ptr %v1
  %t2 = load i32, ptr %v0
  call void @metal_cp15_write(i32 8192, i32 %t2)
  call void @metal_barrier(i32 0)
  %t3 = load i32, ptr %v1
  %t4 = load i32, ptr %v0
  %t5 = load i32, ptr %v1
  %t6 = call i32 @metal_asm(i32 0, i32 %t4, i32 %t5, i32 0, i32 0)
  %t7 = add i32 %t3, %t6
  ret i32 %t7
}

declare void @"_start"() nounwind

!0 = !{}
