"""Exponential and logarithm of full double accuracy that the compiler can vectorise.

They hold no branch and no table, so that a loop over observations becomes vector instructions
without a vendor library. Both are tested against the platform's library to 2 ulp.
"""

from stature.kernels.compile import bits_of, float_of, jit_inside

LARGEST_ARGUMENT = 700.0  # exp(710) overflows; responsibilities need no more
LOG2_E = 1.4426950408889634
# log 2 in two parts, the first with 21 trailing zero bits, so that k * LN2_HI is exact for
# |k| < 2**20 [fdlibm, e_exp.c].
LN2_HI = 6.93147180369123816490e-01
LN2_LO = 1.90821492927058770002e-10
# Adding 1.5 * 2**52 rounds to an integer, which then stands in the lowest bits.
ROUNDER = 6755399441055744.0
EXPONENT_BIAS = 1023
MANTISSA_BITS = 52
MANTISSA_MASK = 0x000FFFFFFFFFFFFF
ONE_BITS = 0x3FF0000000000000
SQRT_2 = 1.4142135623730951


@jit_inside
def exp(z: float) -> float:
    """Exponential of a number, which is clamped to [-700, 700], to 2 ulp.

    ``z = k log 2 + y`` with ``|y| <= log(2)/2``, then the Taylor polynomial of degree 13 (relative
    error 6e-18) and k put into the exponent bits. Must never be compiled with reassociation, which
    cancels the range reduction.
    """
    z = min(max(z, -LARGEST_ARGUMENT), LARGEST_ARGUMENT)
    shifted = z * LOG2_E + ROUNDER
    k = shifted - ROUNDER
    y = (z - k * LN2_HI) - k * LN2_LO
    p = 1.6059043836821613e-10  # 1/13!, then 1/12!, ... 1/0!
    p = p * y + 2.08767569878681e-09
    p = p * y + 2.505210838544172e-08
    p = p * y + 2.755731922398589e-07
    p = p * y + 2.7557319223985893e-06
    p = p * y + 2.48015873015873e-05
    p = p * y + 0.0001984126984126984
    p = p * y + 0.001388888888888889
    p = p * y + 0.008333333333333333
    p = p * y + 0.041666666666666664
    p = p * y + 0.16666666666666666
    p = p * y + 0.5
    p = p * y + 1.0
    p = p * y + 1.0
    return p * float_of((bits_of(shifted) + EXPONENT_BIAS) << MANTISSA_BITS)


@jit_inside
def log(value: float) -> float:
    """Natural logarithm of a positive normal number, to 2 ulp of the larger of 1 and the result.

    ``value = 2**k f`` with f in [sqrt(1/2), sqrt(2)], and ``log f = 2 atanh((f - 1)/(f + 1))`` as
    an odd series to the power 21 (relative error 2e-17).
    """
    bits = bits_of(value)
    exponent = (bits >> MANTISSA_BITS) - EXPONENT_BIAS
    f = float_of((bits & MANTISSA_MASK) | ONE_BITS)
    above = f > SQRT_2
    return _log_of(f * 0.5 if above else f, float(exponent + 1) if above else float(exponent))


@jit_inside
def log_to_two(value: float) -> float:
    """`log`, to the last bit, of a number from 1 to 2, whose bits need not be taken apart."""
    above = value > SQRT_2
    return _log_of(value * 0.5 if above else value, 1.0 if above else 0.0)


@jit_inside
def _log_of(f: float, k: float) -> float:
    """Logarithm of ``2**k f``, f in [sqrt(1/2), sqrt(2)]."""
    s = (f - 1.0) / (f + 1.0)
    q = s * s
    p = 1.0 / 21.0
    p = p * q + 1.0 / 19.0
    p = p * q + 1.0 / 17.0
    p = p * q + 1.0 / 15.0
    p = p * q + 1.0 / 13.0
    p = p * q + 1.0 / 11.0
    p = p * q + 1.0 / 9.0
    p = p * q + 1.0 / 7.0
    p = p * q + 1.0 / 5.0
    p = p * q + 1.0 / 3.0
    return (2.0 * s + (2.0 * s * q * p + k * LN2_LO)) + k * LN2_HI
