"""Eight moments at a stroke: ``sum w y^m``, m = 0..7, added to a row of a table.

The compiler adds eight numbers to a row one by one; here they are told to be one vector, which
takes as long as one number on a machine that has such vectors, and is right on every other.
"""

from collections.abc import Callable
from typing import Any, cast

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from stature.arrays import Floats

MOMENTS = 8
BYTES = 8  # alignment of a row: that of its numbers


def _add_moments(typingctx: Any, table: Any, row: Any, y: Any, w: Any) -> Any:
    """Implementation of `add_moments`."""
    vector, index = ir.VectorType(ir.DoubleType(), MOMENTS), ir.IntType(32)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array, place, y1, weight = args
        data = context.make_array(signature.args[0])(context, builder, array).data
        first = builder.gep(data, [builder.mul(place, ir.Constant(place.type, MOMENTS))])
        address = builder.bitcast(first, vector.as_pointer())

        def everywhere(value: Any) -> Any:
            nothing = ir.Constant(vector, ir.Undefined)
            alone = builder.insert_element(nothing, value, ir.Constant(index, 0))
            zeros = ir.Constant(ir.VectorType(index, MOMENTS), [0] * MOMENTS)
            return builder.shuffle_vector(alone, nothing, zeros)

        def where(bit: int, value: Any) -> Any:
            """The value in the powers whose number has the bit, 1 in the others."""
            bits = [int(bool(m & bit)) for m in range(MOMENTS)]
            mask = ir.Constant(ir.VectorType(ir.IntType(1), MOMENTS), bits)
            ones = ir.Constant(vector, [1.0] * MOMENTS)
            return builder.select(mask, everywhere(value), ones)

        y2 = builder.fmul(y1, y1)
        y4 = builder.fmul(y2, y2)
        low = builder.fmul(where(1, y1), where(2, y2))
        powers = builder.fmul(low, builder.fmul(where(4, y4), everywhere(weight)))
        before = builder.load(address)
        before.align = BYTES
        builder.store(builder.fadd(before, powers), address).align = BYTES
        return context.get_dummy_value()

    return types.void(table, types.int64, types.float64, types.float64), generate


# `add_moments(table, row, y, w)` adds ``w y^m`` to ``table[row, m]``, m = 0..7; the table is
# C-contiguous with eight columns. Inside compiled functions only.
add_moments = cast(Callable[[Floats, int, float, float], None], intrinsic(_add_moments))
