"""Vector registers in compiled code: sixteen values at a time, for kernels that keep one filter in each lane."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import extending, types
from numba.extending import models, register_model

SIMD_LANES = 16
"""Values per vector register."""

_intrinsic: Callable[[Callable[..., Any]], Callable[..., Any]] = extending.intrinsic


class SimdVector(types.Type):
    """Sixteen values in one vector register, or in two or four where registers are shorter."""


FLOATS, INTS = SimdVector("sixteen float32"), SimdVector("sixteen int32")
_ELEMENT = {FLOATS: ir.FloatType(), INTS: ir.IntType(32)}


@register_model(SimdVector)
class _SimdVectorModel(models.PrimitiveModel):
    def __init__(self, manager: Any, lanes: SimdVector) -> None:
        vector = ir.VectorType(_ELEMENT[lanes], SIMD_LANES)
        super().__init__(manager, lanes, vector)  # type: ignore[no-untyped-call, unused-ignore]


def _address(context: Any, builder: Any, array_type: Any, array: Any, at: Any, lanes: SimdVector) -> Any:
    element = builder.gep(context.make_array(array_type)(context, builder, array).data, [at])
    return builder.bitcast(element, context.get_value_type(lanes).as_pointer())


@_intrinsic
def load(typing: Any, array: Any, at: Any) -> Any:
    """The floats `array[at : at + 16]` of a contiguous vector, float32."""

    def emit(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.load(_address(context, builder, array, args[0], args[1], FLOATS), align=4)

    return FLOATS(array, types.intp), emit


@_intrinsic
def store(typing: Any, array: Any, at: Any, lanes: Any) -> Any:
    """`array[at : at + 16] = lanes`."""

    def emit(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        builder.store(args[2], _address(context, builder, array, args[0], args[1], lanes), align=4)
        return context.get_dummy_value()

    return types.void(array, types.intp, lanes), emit


@_intrinsic
def number(typing: Any, array: Any, at: Any) -> Any:
    """`array[at]` of a contiguous vector, float32; `at` is not negative, like that of `entry`."""

    def emit(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.load(builder.gep(context.make_array(array)(context, builder, args[0]).data, [args[1]]))

    return types.float32(array, types.intp), emit


@_intrinsic
def entry(typing: Any, array: Any, at: Any) -> Any:
    """`array[at]` of a contiguous vector, uint16, as a number to count with; `at` is not negative.

    Numba's own index may be negative, and telling takes longer than the rest of a kernel that only looks up.
    """

    def emit(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        data = context.make_array(array)(context, builder, args[0]).data
        return builder.zext(builder.load(builder.gep(data, [args[1]])), context.get_value_type(types.intp))

    return types.intp(array, types.intp), emit


def _fill(lanes: SimdVector, scalar: Any) -> Any:
    """Make the operation that fills all lanes with one number."""

    @_intrinsic
    def fill(typing: Any, value: Any) -> Any:
        def emit(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
            undefined = ir.Constant(context.get_value_type(lanes), ir.Undefined)
            first = builder.insert_element(undefined, args[0], ir.Constant(ir.IntType(32), 0))
            return builder.shuffle_vector(
                first, undefined, ir.Constant(ir.VectorType(ir.IntType(32), SIMD_LANES), None)
            )

        return lanes(scalar), emit

    return fill


floats, ints = _fill(FLOATS, types.float32), _fill(INTS, types.int32)


@_intrinsic
def add(typing: Any, left: Any, right: Any) -> Any:
    """The sum, lane by lane."""
    return FLOATS(FLOATS, FLOATS), lambda context, builder, signature, args: builder.fadd(*args)


@_intrinsic
def multiply(typing: Any, left: Any, right: Any) -> Any:
    """The product, lane by lane."""
    return FLOATS(FLOATS, FLOATS), lambda context, builder, signature, args: builder.fmul(*args)


@_intrinsic
def multiply_add(typing: Any, left: Any, right: Any, addend: Any) -> Any:
    """`left * right + addend`, lane by lane: rounded once where the processor has such an instruction."""

    def emit(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        vector, name = context.get_value_type(FLOATS), "llvm.fmuladd.v16f32"
        signature = ir.FunctionType(vector, [vector] * 3)
        return builder.call(builder.module.globals.get(name) or ir.Function(builder.module, signature, name), args)

    return FLOATS(FLOATS, FLOATS, FLOATS), emit


@_intrinsic
def where_larger(typing: Any, left: Any, right: Any, here: Any, there: Any) -> Any:
    """Lane by lane: `here` where left > right or one of them is NaN, else `there`."""

    def emit(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.select(builder.fcmp_unordered(">", args[0], args[1]), args[2], args[3])

    return here(FLOATS, FLOATS, here, here), emit


@_intrinsic
def larger(typing: Any, left: Any, right: Any) -> Any:
    """Lane by lane: `left` where left > right, else `right`, also where one of them is NaN: a single instruction."""

    def emit(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.select(builder.fcmp_ordered(">", args[0], args[1]), args[0], args[1])

    return FLOATS(FLOATS, FLOATS), emit
